/* offer.c - fuzzes what the other end of a call offers and answers: our rule,
 * then the text. */
#include <stdlib.h>

#include "offer/offer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void look(const struct offer_local *l, const struct offer_stream *s)
{
	must(l->has_codec[s->codec]);
	must(s->payload_type >= 0 && s->payload_type < 128);
	must(s->event_type >= -1 && s->event_type < 128);
	must(s->port > 0 && s->address[0]);
	must(s->ours.suite == s->theirs.suite && s->ours.tag == s->theirs.tag);
	must(l->srtp != OFFER_SRTP_REQUIRE || s->ours.suite);
	must(l->srtp != OFFER_SRTP_NEVER || !s->ours.suite);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct offer_local l = { .address = "198.51.100.1", .port = 4000 };
	struct offer_stream stream;
	struct kk_bytes out;
	struct kk_view in;

	if (bytes == 0)
		return 0;
	in = kk_view_of(data + 1, bytes - 1);
	l.srtp = data[0] % 3;
	l.is_holding = data[0] & 4;
	for (size_t i = 0; i < CODEC_COUNT; i++)
		l.has_codec[i] = data[0] >> (4 + i) & 1;
	if (offer_answer(&l, in, &stream, &out) == KK_OK) {
		look(&l, &stream);
		must(out.bytes > 0 && out.data[out.bytes - 1] == '\0');
	} else {
		must(out.bytes == 0);
	}
	kk_bytes_clear(&out);
	if (offer_answer_take(&l, in, &stream) == KK_OK)
		look(&l, &stream);
	return 0;
}
