/*
 * notice.c - fuzzes what a program tells on the room's picture: what is taken
 * is written again as it was, has words in both languages, and is picked once
 * at most.
 */
#include <stdlib.h>
#include <string.h>

#include "notice/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void words_check(const struct notice *n)
{
	char title[NOTICE_TITLE_BYTES], hint[NOTICE_HINT_BYTES];

	for (int german = 0; german < 2; german++) {
		notice_title(n, german, title);
		notice_hint(n, german, hint);
		if ((n->kind != NOTICE_NONE) != (*title && *hint))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct notice n;
	struct notices picked;
	char again[NOTICE_BYTES];

	if (notice_parse(&n, kk_view_of(data, bytes))) {
		if (n.kind != NOTICE_NONE || n.name[0])
			abort();
		return 0;
	}
	if (notice_format(&n, again) != bytes || memcmp(again, data, bytes))
		abort();
	if (!notice_is_name(n.name) || n.number > NOTICE_NUMBER_MAX)
		abort();
	words_check(&n);
	notice_pick(&picked, &n, 1, n.at_s + bytes);
	if (picked.count > 1)
		abort();
	return 0;
}
