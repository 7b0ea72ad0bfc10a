/* ossl_flight.c - OpenSSL's flights: packed, numbered, repeated. */
#include <string.h>

#include "dtls/ossl_private.h"

/* Datagrams in the making. */
struct packer {
	struct dtls_link *link;
	uint8_t data[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes;
};

static enum kk_err packer_flush(struct packer *p)
{
	enum kk_err err = KK_OK;

	if (p->bytes > 0)
		err = dtls_link_send(p->link, kk_view_of(p->data, p->bytes));
	p->bytes = 0;
	return err;
}

static enum kk_err packer_put(struct packer *p, struct kk_view record)
{
	enum kk_err err = KK_OK;

	if (record.bytes > sizeof(p->data))
		return KK_ELIMIT;
	if (p->bytes + record.bytes > p->link->mtu_bytes)
		err = packer_flush(p);
	memcpy(p->data + p->bytes, record.data, record.bytes);
	p->bytes += record.bytes;
	return err;
}

/* An alert goes out at once, and is never repeated. */
static enum kk_err alert_send(struct ossl_session *s,
    const struct dtls_record *record)
{
	uint8_t out[DTLS_RECORD_HEADER_BYTES + 64];

	if (record->whole.bytes > sizeof(out))
		return KK_ELIMIT;
	memcpy(out, record->whole.data, record->whole.bytes);
	if (record->epoch == 0)
		dtls_record_number(out, s->flight.seq++);
	return dtls_link_send(s->link, kk_view_of(out, record->whole.bytes));
}

enum kk_err ossl_flight_write(struct ossl_session *s, struct kk_view bytes)
{
	struct ossl_flight *flight = &s->flight;
	struct dtls_record record;
	struct kk_reader r;
	enum kk_err err = KK_OK;

	kk_reader_init(&r, bytes);
	while (!err && kk_reader_more(&r)) {
		err = dtls_record_next(&r, &record);
		if (err)
			break;
		if (record.type == DTLS_ALERT) {
			err = alert_send(s, &record);
			continue;
		}
		if (!flight->is_fresh) {
			kk_writer_clear(&flight->records);
			kk_writer_init(&flight->records);
			flight->is_fresh = true;
		}
		if (flight->records.bytes + record.whole.bytes >
		    OSSL_FLIGHT_MAX_BYTES)
			return KK_ELIMIT;
		kk_write_raw(&flight->records, record.whole);
		err = flight->records.err;
	}
	return err;
}

void ossl_flight_begin(struct ossl_session *s)
{
	s->flight.is_fresh = false;
}

/* The first time OpenSSL's own Finished goes out, later one sealed again. */
static enum kk_err sealed_put(struct ossl_session *s, struct packer *p,
    struct kk_view whole, bool is_first)
{
	uint8_t out[DTLS_RECORD_HEADER_BYTES + OSSL_FINISHED_BYTES +
	    OSSL_SEALED_EXTRA_BYTES];
	size_t bytes = 0;
	enum kk_err err;

	if (is_first)
		return packer_put(p, whole);
	if (!s->tail.has_keys)
		return KK_ESTATE;
	err = ossl_tail_seal(&s->tail, DTLS_HANDSHAKE,
	    kk_view_of(s->tail.finished, OSSL_FINISHED_BYTES), out, &bytes);
	return err ? err : packer_put(p, kk_view_of(out, bytes));
}

static enum kk_err flight_send(struct ossl_session *s, bool is_first)
{
	struct dtls_record record;
	struct kk_reader r;
	struct packer p;
	enum kk_err err = KK_OK;

	p.link = s->link;
	p.bytes = 0;
	kk_reader_init(&r, kk_writer_view(&s->flight.records));
	while (!err && kk_reader_more(&r)) {
		err = dtls_record_next(&r, &record);
		if (err)
			break;
		if (record.epoch > 0) {
			err = sealed_put(s, &p, record.whole, is_first);
			continue;
		}
		err = packer_put(&p, record.whole);
		if (!err)
			dtls_record_number(p.data + p.bytes -
				record.whole.bytes,
			    s->flight.seq++);
	}
	return err ? err : packer_flush(&p);
}

static enum kk_err tail_make(struct ossl_session *s)
{
	struct dtls_record record;
	struct kk_reader r;
	enum kk_err err;

	kk_reader_init(&r, kk_writer_view(&s->flight.records));
	while (kk_reader_more(&r)) {
		err = dtls_record_next(&r, &record);
		if (err)
			return err;
		if (record.epoch > 0)
			return ossl_tail_init(&s->tail, s->ssl, s->link->role,
			    &record);
	}
	return KK_OK;
}

enum kk_err ossl_flight_end(struct ossl_session *s, uint64_t now_ms)
{
	struct ossl_flight *flight = &s->flight;
	enum kk_err err = KK_OK;

	if (!flight->is_fresh)
		return KK_OK;
	if (!s->tail.has_keys)
		err = tail_make(s);
	if (err)
		return err;
	flight->has_timer = true;
	flight->start_ms = now_ms;
	flight->timeout_ms = s->link->timeout_first_ms;
	return flight_send(s, true);
}

enum kk_err ossl_flight_repeat(struct ossl_session *s)
{
	s->link->counts.repeats++;
	return flight_send(s, false);
}

int64_t ossl_flight_timeout_ms(const struct ossl_session *s, uint64_t now_ms)
{
	uint64_t at_ms = s->flight.start_ms + s->flight.timeout_ms;

	if (!s->flight.has_timer)
		return -1;
	return at_ms > now_ms ? (int64_t)(at_ms - now_ms) : 0;
}

/* RFC 6347, 4.2.4.1: twice as long each time. */
enum kk_err ossl_flight_tick(struct ossl_session *s, uint64_t now_ms)
{
	struct ossl_flight *flight = &s->flight;
	const uint32_t max_ms = s->link->timeout_max_ms;

	if (ossl_flight_timeout_ms(s, now_ms) != 0)
		return KK_OK;
	flight->start_ms = now_ms;
	flight->timeout_ms = flight->timeout_ms > max_ms / 2 ?
	    max_ms :
	    2 * flight->timeout_ms;
	return ossl_flight_repeat(s);
}

enum kk_err ossl_flight_alert(struct ossl_session *s, uint8_t level,
    uint8_t what)
{
	uint8_t out[DTLS_RECORD_HEADER_BYTES + 2 + OSSL_SEALED_EXTRA_BYTES] = {
		DTLS_ALERT, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, level,
		what
	};
	const uint8_t body[] = { level, what };
	size_t bytes = DTLS_RECORD_HEADER_BYTES + sizeof(body);
	enum kk_err err = KK_OK;

	if (s->tail.has_keys)
		err = ossl_tail_seal(&s->tail, DTLS_ALERT,
		    kk_view_of(body, sizeof(body)), out, &bytes);
	else
		dtls_record_number(out, s->flight.seq++);
	return err ? err : dtls_link_send(s->link, kk_view_of(out, bytes));
}
