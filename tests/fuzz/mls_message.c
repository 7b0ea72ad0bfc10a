/*
 * mls_message.c - whole messages: what parses is the one encoding of what it
 * says, and so are the proposals and paths inside.
 */
#include <stdlib.h>
#include <string.h>

#include "mls/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void check_proposals(const struct mls_commit *c)
{
	struct mls_proposal_or_ref p;
	struct kk_writer w;
	struct kk_reader r;
	size_t count = 0;

	kk_writer_init(&w);
	kk_reader_init(&r, c->proposals);
	while (kk_reader_more(&r)) {
		mls_proposal_or_ref_read(&r, &p);
		mls_proposal_or_ref_write(&w, &p);
		count++;
	}
	must(!r.err && !w.err && count == c->proposal_count);
	must(kk_view_equal(kk_writer_view(&w), c->proposals));
	kk_writer_clear(&w);
}

static void check_content(const struct mls_content *c)
{
	if (c->type == MLS_CONTENT_COMMIT)
		check_proposals(&c->commit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct mls_message m;
	struct kk_writer w;

	if (mls_message_parse(&m, kk_view_of(data, bytes)))
		return 0;
	kk_writer_init(&w);
	mls_message_write(&w, &m);
	must(!w.err && w.bytes == bytes && !memcmp(w.data, data, bytes));
	kk_writer_clear(&w);
	if (m.wire_format == MLS_PUBLIC_MESSAGE)
		check_content(&m.public_message.content);
	return 0;
}
