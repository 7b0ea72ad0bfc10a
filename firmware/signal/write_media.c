/* write_media.c - answers and events about media. */
#include "signal/signal_private.h"

enum kk_err signal_write_source(struct kk_bytes *out,
    const struct signal_participant *participant, enum signal_source source,
    bool is_published)
{
	struct kk_writer w = signal_write_event(is_published ? "published" :
							       "unpublished");

	signal_put_bytes(&w, "participant",
	    kk_view_of(participant->id, sizeof(participant->id)));
	signal_put_text(&w, "source", signal_source_names[source]);
	signal_put_text(&w, "kind",
	    signal_kind_names[signal_source_kind(source)]);
	return signal_write_end(&w, out);
}

enum kk_err signal_write_transport_state(struct kk_bytes *out,
    uint32_t transport, bool is_connected)
{
	struct kk_writer w = signal_write_event("transport");

	signal_put_u64(&w, "transport", transport);
	signal_put_text(&w, "state", is_connected ? "connected" : "lost");
	return signal_write_end(&w, out);
}

static void candidate_put(struct kk_writer *w, const struct signal_candidate *c)
{
	signal_put_item(w);
	signal_put_text(w, "address", c->address);
	signal_put_u64(w, "port", c->port);
	signal_put_text(w, "protocol", c->is_tcp ? "tcp" : "udp");
	if (c->is_tcp)
		signal_put_text(w, "tcpType", "passive");
	signal_put_u64(w, "priority", c->priority);
	signal_put_text(w, "foundation", c->foundation);
	signal_put_text(w, "type", "host");
	signal_put_end(w, '}');
}

enum kk_err signal_write_transport(struct kk_bytes *out, uint64_t id,
    const struct signal_transport *transport)
{
	struct kk_writer w = signal_write_answer(id);

	signal_put_u64(&w, "transport", transport->number);
	signal_put_text(&w, "ufrag", transport->ufrag);
	signal_put_text(&w, "pwd", transport->pwd);
	signal_put_text(&w, "fingerprint", transport->fingerprint);
	signal_put_list(&w, "candidates");
	for (size_t i = 0; i < transport->candidate_count; i++)
		candidate_put(&w, &transport->candidates[i]);
	signal_put_end(&w, ']');
	return signal_write_end(&w, out);
}

static void slot_put(struct kk_writer *w, const struct signal_slot *s)
{
	signal_put_item(w);
	signal_put_u64(w, "slot", s->slot);
	signal_put_text(w, "kind", signal_kind_names[s->kind]);
	signal_put_text(w, "mid", s->mid);
	signal_put_u64(w, "ssrc", s->ssrc);
	signal_put_u64(w, "payloadType", s->payload_type);
	if (s->rtx_ssrc) {
		signal_put_u64(w, "rtxSsrc", s->rtx_ssrc);
		signal_put_u64(w, "rtxPayloadType", s->rtx_payload_type);
	}
	if (s->vp9_payload_type) {
		signal_put_u64(w, "vp9PayloadType", s->vp9_payload_type);
		signal_put_u64(w, "vp9RtxPayloadType", s->vp9_rtx_payload_type);
	}
	signal_put_end(w, '}');
}

enum kk_err signal_write_slots(struct kk_bytes *out, uint64_t id,
    const struct signal_slot *slots, size_t count, const char *cname)
{
	struct kk_writer w = signal_write_answer(id);

	signal_put_list(&w, "slots");
	for (size_t i = 0; i < count; i++)
		slot_put(&w, &slots[i]);
	signal_put_end(&w, ']');
	signal_put_text(&w, "cname", cname);
	return signal_write_end(&w, out);
}

static void heard_put(struct kk_writer *w, const struct signal_heard *h)
{
	signal_put_item(w);
	signal_put_u64(w, "slot", h->slot);
	if (h->has_participant)
		signal_put_bytes(w, "participant",
		    kk_view_of(h->participant.id, sizeof(h->participant.id)));
	else
		signal_put_null(w, "participant");
	signal_put_end(w, '}');
}

enum kk_err signal_write_loudest(struct kk_bytes *out,
    const struct signal_heard *heard, size_t count)
{
	struct kk_writer w = signal_write_event("loudest");

	signal_put_list(&w, "slots");
	for (size_t i = 0; i < count; i++)
		heard_put(&w, &heard[i]);
	signal_put_end(&w, ']');
	return signal_write_end(&w, out);
}

enum kk_err signal_write_wanted(struct kk_bytes *out, enum signal_source source,
    size_t encodings)
{
	struct kk_writer w = signal_write_event("wanted");

	signal_put_text(&w, "source", signal_source_names[source]);
	signal_put_u64(&w, "encodings", encodings);
	return signal_write_end(&w, out);
}
