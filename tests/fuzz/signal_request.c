/* signal_request.c - a client's text becomes a request, or an error with a
 * name; what came through is within its bounds. */
#include <stdlib.h>
#include <string.h>

#include "signal/signal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void request_check(const struct signal_request *rq)
{
	must(rq->type < SIGNAL_TYPE_COUNT);
	must(rq->has_id && rq->is_object);
	must(rq->id <= SIGNAL_NUMBER_MAX);
	if (rq->type == SIGNAL_REGISTER) {
		must(rq->reg.meeting.bytes >= 1);
		must(rq->reg.meeting.bytes <= SIGNAL_MEETING_MAX_BYTES);
		must(rq->reg.participants >= SIGNAL_PARTICIPANTS_MIN);
		must(rq->reg.participants <= SIGNAL_PARTICIPANTS_MAX);
	} else if (rq->type == SIGNAL_COMMIT) {
		must(rq->commit.message.bytes > 0);
		must(rq->commit.welcome_count <= SIGNAL_WELCOMES_MAX);
	} else if (rq->type == SIGNAL_PUBLISH) {
		must(rq->publish.encoding_count >= 1 &&
		    rq->publish.encoding_count <= SIGNAL_ENCODINGS_MAX);
		for (size_t i = 0; i < rq->publish.encoding_count; i++)
			must(rq->publish.encodings[i].ssrc ||
			    rq->publish.encodings[i].rid[0]);
		must(rq->publish.extension_count <= SIGNAL_EXTENSIONS_MAX);
		must(rq->publish.kind ==
		    signal_source_kind(rq->publish.source));
	} else if (rq->type == SIGNAL_WATCH) {
		must(rq->watches.count <= SIGNAL_WATCHES_MAX);
	}
}

/* Its answer can be written, whatever it was. */
static void answer_check(const struct signal_request *rq,
    enum signal_error error)
{
	const struct signal_failure failure = { .rq = rq,
		.error = error ? error : SIGNAL_ESTATE,
		.text = "x" };
	struct kk_bytes text;

	must(!signal_write_error(&text, &failure));
	must(text.bytes > 0 && text.data[0] == '{');
	kk_bytes_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct signal_request rq;
	enum signal_error error;
	char *text = kk_calloc(1, bytes + 1);

	must(text != NULL);
	if (bytes)
		memcpy(text, data, bytes);
	error = signal_request_parse(&rq, text, bytes);
	must(error < SIGNAL_ERROR_COUNT);
	if (!error)
		request_check(&rq);
	answer_check(&rq, error);
	signal_request_clear(&rq);
	must(rq.type == SIGNAL_TYPE_COUNT);
	kk_free(text);
	return 0;
}
