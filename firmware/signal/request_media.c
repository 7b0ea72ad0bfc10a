/* request_media.c - the fields of requests about media. */
#include <string.h>

#include "signal/signal_private.h"

static uint32_t transport_read(struct signal_reader *r)
{
	return (uint32_t)signal_read_u64(r, "transport", 0, UINT32_MAX);
}

static enum signal_source source_read(struct signal_reader *r)
{
	return (enum signal_source)signal_read_choice(r, "source",
	    signal_source_names, SIGNAL_SOURCE_COUNT);
}

void signal_fields_transport(struct signal_reader *r, struct signal_request *rq)
{
	static const char *const names[] = { "send", "receive", "both" };

	rq->direction = (enum signal_direction)(SIGNAL_SEND +
	    signal_read_choice(r, "direction", names, KK_ARRAY_LEN(names)));
}

void signal_fields_connect(struct signal_reader *r, struct signal_request *rq)
{
	static const char *const roles[] = { "client", "server" };

	rq->connect.transport = transport_read(r);
	signal_read_text(r, "fingerprint", rq->connect.fingerprint,
	    SIGNAL_FINGERPRINT_MAX_BYTES);
	if (signal_read_has(r, "role"))
		rq->connect.is_dtls_server = signal_read_choice(r, "role",
		    roles, KK_ARRAY_LEN(roles));
}

void signal_fields_restart(struct signal_reader *r, struct signal_request *rq)
{
	rq->transport = transport_read(r);
}

void signal_fields_disconnect(struct signal_reader *r,
    struct signal_request *rq)
{
	rq->transport = transport_read(r);
}

/* As it stands there, or 0. */
static uint64_t number_maybe(struct signal_reader *r, const char *name,
    uint64_t min, uint64_t max)
{
	return signal_read_has(r, name) ? signal_read_u64(r, name, min, max) :
					  0;
}

static void size_read(struct signal_reader *r, const char *name, uint16_t *size)
{
	*size = (uint16_t)number_maybe(r, name, 0, SIGNAL_SIZE_MAX);
}

static void encoding_read(struct signal_reader *r, struct signal_encoding *e)
{
	if (signal_read_has(r, "rid"))
		signal_read_text(r, "rid", e->rid, SIGNAL_NAME_MAX_BYTES);
	/* Browsers know only the names of several encodings. */
	e->ssrc = (uint32_t)(e->rid[0] ?
		number_maybe(r, "ssrc", 1, UINT32_MAX) :
		signal_read_u64(r, "ssrc", 1, UINT32_MAX));
	e->rtx_ssrc = (uint32_t)number_maybe(r, "rtxSsrc", 1, UINT32_MAX);
	size_read(r, "maxWidth", &e->max_width);
	size_read(r, "maxHeight", &e->max_height);
}

static void encodings_read(struct signal_reader *r, struct signal_publish *p)
{
	size_t count;
	sd_json_variant *list = signal_read_list(r, "encodings",
	    SIGNAL_ENCODINGS_MAX, &count);

	if (!r->error && count == 0)
		signal_read_fail(r, SIGNAL_EFORMAT);
	for (size_t i = 0; i < count && !r->error; i++) {
		struct signal_reader one = {
			.in = sd_json_variant_by_index(list, i)
		};

		encoding_read(&one, &p->encodings[i]);
		r->error = one.error;
		p->encoding_count = i + 1;
	}
}

static void extensions_read(struct signal_reader *r, struct signal_publish *p)
{
	size_t count;
	sd_json_variant *list;

	if (!signal_read_has(r, "extensions"))
		return;
	list = signal_read_list(r, "extensions", SIGNAL_EXTENSIONS_MAX, &count);
	for (size_t i = 0; i < count && !r->error; i++) {
		struct signal_reader one = {
			.in = sd_json_variant_by_index(list, i)
		};

		signal_read_text(&one, "uri", p->extensions[i].uri,
		    SIGNAL_URI_MAX_BYTES);
		p->extensions[i].id = (uint8_t)signal_read_u64(&one, "id", 1,
		    SIGNAL_EXTENSION_ID_MAX);
		r->error = one.error;
		p->extension_count = i + 1;
	}
}

void signal_fields_publish(struct signal_reader *r, struct signal_request *rq)
{
	static const char *const codecs[] = { "vp8", "vp9" };
	struct signal_publish *p = &rq->publish;

	p->transport = transport_read(r);
	p->source = source_read(r);
	p->kind = (enum signal_kind)signal_read_choice(r, "kind",
	    signal_kind_names, KK_ARRAY_LEN(signal_kind_names));
	if (!r->error && p->kind != signal_source_kind(p->source))
		signal_read_fail(r, SIGNAL_EFORMAT);
	p->payload_type = (uint8_t)signal_read_u64(r, "payloadType", 0,
	    SIGNAL_PAYLOAD_TYPE_MAX);
	if (signal_read_has(r, "rtxPayloadType"))
		p->rtx_payload_type = (uint8_t)signal_read_u64(r,
		    "rtxPayloadType", 1, SIGNAL_PAYLOAD_TYPE_MAX);
	if (signal_read_has(r, "codec"))
		p->codec = (enum signal_codec)signal_read_choice(r, "codec",
		    codecs, KK_ARRAY_LEN(codecs));
	if (signal_read_has(r, "mid"))
		signal_read_text(r, "mid", p->mid, SIGNAL_NAME_MAX_BYTES);
	encodings_read(r, p);
	extensions_read(r, p);
}

void signal_fields_unpublish(struct signal_reader *r, struct signal_request *rq)
{
	rq->source = source_read(r);
}

void signal_fields_slots(struct signal_reader *r, struct signal_request *rq)
{
	rq->slots.transport = transport_read(r);
	rq->slots.audio = (uint8_t)signal_read_u64(r, "audio", 0,
	    SIGNAL_SLOTS_MAX);
	rq->slots.video = (uint8_t)signal_read_u64(r, "video", 0,
	    SIGNAL_SLOTS_MAX);
	rq->slots.has_vp9 = signal_read_has(r, "vp9") &&
	    signal_read_bool(r, "vp9");
}

static void watch_read(struct signal_reader *r, struct signal_watch *w)
{
	w->slot = (uint32_t)signal_read_u64(r, "slot", 0, UINT32_MAX);
	w->has_participant = signal_read_has(r, "participant");
	w->is_loudest = signal_read_has(r, "loudest") &&
	    signal_read_bool(r, "loudest");
	if (w->is_loudest && w->has_participant)
		signal_read_fail(r, SIGNAL_EFORMAT);
	if (!w->has_participant)
		return; /* an empty slot shows no source */
	signal_read_exact(r, "participant", w->participant.id,
	    SIGNAL_PARTICIPANT_BYTES);
	w->source = source_read(r);
	size_read(r, "width", &w->width);
	size_read(r, "height", &w->height);
	w->priority = (uint8_t)number_maybe(r, "priority", 0,
	    SIGNAL_PRIORITY_MAX);
}

void signal_fields_watch(struct signal_reader *r, struct signal_request *rq)
{
	struct signal_watches *watches = &rq->watches;
	size_t count;
	sd_json_variant *list = signal_read_list(r, "slots", SIGNAL_WATCHES_MAX,
	    &count);

	for (size_t i = 0; i < count && !r->error; i++) {
		struct signal_reader one = {
			.in = sd_json_variant_by_index(list, i)
		};

		watch_read(&one, &watches->list[i]);
		r->error = one.error;
		watches->count = i + 1;
	}
}
