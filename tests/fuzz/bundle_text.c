/* libs: crypto */
/* bundle_text.c - fuzzes what a server says: its index, a header, a URL, and
 * the end of a bundle.  The first byte says which. */
#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void index_try(struct kk_view in)
{
	char url[BUNDLE_URL_BYTES];
	struct bundle_offer o;

	if (bundle_index_read(&o, in, "konklave-a")) {
		must(o.bytes == 0 && o.version == 0);
		return;
	}
	must(o.version > 0 && o.bytes > 0 && o.bytes <= BUNDLE_BYTES_MAX);
	must(!strchr(o.file, '/') && o.file[0] != '.');
	must(!bundle_url_beside("https://a/b", o.file, url));
}

static void range_try(const char *text)
{
	struct bundle_range r;

	if (!bundle_range_parse(&r, text))
		must(r.from <= r.to && r.to < r.all);
}

static void url_try(const char *text)
{
	char url[BUNDLE_URL_BYTES];

	if (!bundle_url_is_right(text))
		return;
	must(!strchr(text, '@') && !strncmp(text, "https://", 8));
	if (!bundle_url_beside(text, "f", url))
		must(bundle_url_is_right(url));
}

/* The first three bytes are how many blocks the payload is told to have. */
static void frame_try(struct kk_view in)
{
	struct bundle_frame f;
	uint64_t payload;

	if (in.bytes < 3)
		return;
	payload = ((uint64_t)in.data[0] << 16 | (uint64_t)in.data[1] << 8 |
		      in.data[2]) *
	    BUNDLE_BLOCK_BYTES;
	in = kk_view_of(in.data + 3, in.bytes - 3);
	if (bundle_frame_read(&f, in,
		payload + bundle_tree_bytes(payload) + in.bytes))
		return;
	must(f.version > 0 && f.board[0] && f.payload_bytes > 0);
	must(f.tree_bytes == bundle_tree_bytes(f.payload_bytes));
	must(f.seal_bytes + BUNDLE_SIZE_BYTES <= in.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct kk_view in;
	char *text;

	if (bytes == 0)
		return 0;
	in = kk_view_of(data + 1, bytes - 1);
	text = kk_calloc(1, bytes);
	must(text != NULL);
	memcpy(text, data + 1, bytes - 1);
	if (data[0] % 4 == 0)
		index_try(in);
	else if (data[0] % 4 == 1)
		range_try(text);
	else if (data[0] % 4 == 2)
		url_try(text);
	else
		frame_try(in);
	kk_free(text);
	return 0;
}
