/* conference.c - fuzzes the state of a conference: two of them, and whether the
 * one may follow the other. */
#include <stdlib.h>
#include <string.h>

#include "conference/conference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static bool is_gone(void *arg, uint32_t leaf)
{
	return leaf == *(const uint8_t *)arg;
}

static bool read(struct conference *c, struct kk_view in)
{
	struct kk_bytes out;

	if (conference_parse(c, in)) {
		must(c->line_count + c->host_count == 0);
		return false;
	}
	if (conference_write(c, &out) == KK_OK)
		must(out.bytes == in.bytes &&
		    !memcmp(out.data, in.data, in.bytes));
	kk_bytes_clear(&out);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct conference before, after;
	struct kk_view first, second;
	struct kk_reader in;
	uint8_t who, gone;

	kk_reader_init(&in, kk_view_of(data, bytes));
	who = kk_read_u8(&in);
	gone = kk_read_u8(&in);
	first = kk_read_raw(&in, kk_read_u16(&in));
	second = kk_read_raw(&in, in.left_bytes);
	if (kk_reader_err(&in) || !read(&before, first) ||
	    !read(&after, second))
		return 0;
	(void)!conference_change_check(&before, &after, who, is_gone, &gone);
	/* Who is gone leaves nothing; then nothing of it is found. */
	(void)conference_leaf_remove(&after, gone);
	must(!conference_is_host(&after, gone));
	for (size_t i = 0; i < after.line_count; i++)
		must(after.lines[i].leaf != gone);
	return 0;
}
