/* qr.c - a QR code in the terminal, two rows of it in one of text. */
#include <qrencode.h>

#include "tools/sandbox/sandbox.h"

enum { QUIET = 2 /* modules around it; a terminal's own edge adds to it */ };

static bool is_dark(const QRcode *code, int x, int y)
{
	x -= QUIET;
	y -= QUIET;
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	    code->data[y * code->width + x] & 1;
}

/* Blocks are the light modules: right on a dark ground, and with colours set
 * on any. */
static void row_print(const QRcode *code, int y, int width)
{
	static const char *const blocks[] = { "█", "▀", "▄", " " };

	for (int x = 0; x < width; x++)
		(void)fputs(
		    blocks[is_dark(code, x, y) * 2 + is_dark(code, x, y + 1)],
		    stdout);
}

void sandbox_qr_print(const char *text, bool has_colour)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	int width;

	if (!code)
		return;
	width = code->width + 2 * QUIET;
	for (int y = 0; y < width; y += 2) {
		(void)fputs(has_colour ? "  \033[97;40m" : "  ", stdout);
		row_print(code, y, width);
		(void)puts(has_colour ? "\033[0m" : "");
	}
	QRcode_free(code);
}
