/* libs: boot bundle call program room */
/* files: firmware/bin/konklave-update/[fpt]*.c */
/* files: firmware/bin/konklave-update/info.c */
/* update_text.c - fuzzes what other programs tell konklave-update, and its
 * file. The first byte says which. */
#include <stdlib.h>
#include <string.h>

#include "../firmware/bin/konklave-update/driver.h"
#include "room/use.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void tried_try(const char *text)
{
	struct tried t;

	if (!tried_parse(&t, text))
		must(t.slot < BOOT_NO_SLOT && t.version > 0 && t.boot_id[0]);
	must(failed_parse(text) == 0 || (text[0] >= '0' && text[0] <= '9'));
}

static void info_try(const char *text)
{
	struct bundle_info info;

	must((bundle_info_parse(&info, text) == KK_OK) == (info.version > 0));
}

static void plan_try(const char *text)
{
	sd_json_variant *plan = NULL;

	if (sd_json_parse(text, 0, &plan, NULL, NULL) >= 0)
		must(room_use_of(plan) <= ROOM_IS_BETWEEN);
	sd_json_variant_unref(plan);
}

static void download_try_text(const char *text)
{
	struct download n = { 0 };
	sd_json_variant *in = NULL;

	if (sd_json_parse(text, 0, &in, NULL, NULL) >= 0 &&
	    !download_parse(&n, in))
		must(n.bytes <= n.total && n.state < UPDATE_FETCHES &&
		    n.says < UPDATE_REASONS);
	sd_json_variant_unref(in);
}

static void facts_try(const char *text)
{
	char board[DRIVER_BOARD_BYTES];
	struct facts f = { 0 };

	if (!facts_status_parse(&f, text))
		must(f.running < BOOT_NO_SLOT && !(f.is_try && f.is_confirmed));
	(void)facts_version_parse(text);
	must((facts_board_parse(board, text) == KK_OK) == (board[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static void (*const tries[])(const char *text) = { tried_try, info_try,
		plan_try, facts_try, download_try_text };
	char *text;

	if (bytes == 0)
		return 0;
	text = kk_calloc(1, bytes);
	must(text != NULL);
	memcpy(text, data + 1, bytes - 1);
	tries[data[0] % KK_ARRAY_LEN(tries)](text);
	kk_free(text);
	return 0;
}
