/* paint_qr.c - a text as a QR code, for a telephone in the room to read. */
#include <qrencode.h>

#include "pipelines/graphs/paint_private.h"

enum {
	QUIET = 4, /* modules of light around it; ISO/IEC 18004, 6.3.8 */
	MODULE_MIN = 2 /* pixels; a smaller one is not read */
};

static void modules_paint(cairo_t *cr, const QRcode *code, unsigned x,
    unsigned y, unsigned module)
{
	for (int i = 0; i < code->width * code->width; i++) {
		if (code->data[i] & 1)
			cairo_rectangle(cr,
			    x + (unsigned)(i % code->width) * module,
			    y + (unsigned)(i / code->width) * module, module,
			    module);
	}
	cairo_set_source_rgb(cr, 0, 0, 0);
	cairo_fill(cr);
}

void paint_qr(cairo_t *cr, const char *text, const struct layout_rect *box,
    unsigned radius)
{
	/* Digits and blanks are coded as such: the code is as small as it can
	 * be, and its modules as large. */
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	unsigned modules = code ? (unsigned)code->width + 2 * QUIET : 1;
	unsigned room = box->width < box->height ? box->width : box->height;
	unsigned module = room / modules, size = module * modules;
	struct layout_rect ground = { box->x, box->y, size, size };

	if (code && module >= MODULE_MIN) {
		paint_round(cr, &ground, radius, 0);
		cairo_set_source_rgb(cr, 1, 1, 1);
		cairo_fill(cr);
		modules_paint(cr, code, box->x + QUIET * module,
		    box->y + QUIET * module, module);
	}
	QRcode_free(code);
}
