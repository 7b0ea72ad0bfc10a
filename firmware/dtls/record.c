/* record.c - records and handshake fragments in clear. */
#include "dtls/record.h"

static uint32_t read_u24(struct kk_reader *r)
{
	uint32_t high = kk_read_u8(r);

	return high << 16 | kk_read_u16(r);
}

enum kk_err dtls_record_next(struct kk_reader *datagram,
    struct dtls_record *record)
{
	const uint8_t *start = datagram->p;
	uint64_t seq;

	record->type = kk_read_u8(datagram);
	record->version = kk_read_u16(datagram);
	record->epoch = kk_read_u16(datagram);
	seq = (uint64_t)kk_read_u16(datagram) << 32;
	record->seq = seq | kk_read_u32(datagram);
	record->body = kk_read_raw(datagram, kk_read_u16(datagram));
	if (datagram->err)
		return datagram->err;
	record->whole = kk_view_of(start,
	    DTLS_RECORD_HEADER_BYTES + record->body.bytes);
	if (record->version != DTLS_VERSION_1_0 &&
	    record->version != DTLS_VERSION_1_2)
		return KK_EFORMAT;
	if (record->type < DTLS_CHANGE_CIPHER_SPEC ||
	    record->type > DTLS_APPLICATION || record->body.bytes == 0)
		return KK_EFORMAT;
	return KK_OK;
}

enum kk_err dtls_datagram_check(struct kk_view datagram)
{
	struct dtls_record record;
	struct kk_reader r;
	enum kk_err err;

	kk_reader_init(&r, datagram);
	do {
		err = dtls_record_next(&r, &record);
	} while (!err && kk_reader_more(&r));
	return err;
}

enum kk_err dtls_fragment_read(struct kk_view body,
    struct dtls_fragment *fragment)
{
	struct kk_reader r;
	uint32_t bytes;

	kk_reader_init(&r, body);
	fragment->type = kk_read_u8(&r);
	fragment->length = read_u24(&r);
	fragment->seq = kk_read_u16(&r);
	fragment->at = read_u24(&r);
	bytes = read_u24(&r);
	fragment->body = kk_read_raw(&r, bytes);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	if (fragment->at + bytes > fragment->length)
		return KK_EFORMAT;
	return KK_OK;
}

enum kk_err dtls_hello_read(struct kk_view body, struct dtls_hello *hello)
{
	struct kk_reader r;

	kk_reader_init(&r, body);
	(void)kk_read_u16(&r); /* client_version */
	hello->random = kk_read_raw(&r, DTLS_RANDOM_BYTES);
	(void)kk_read_raw(&r, kk_read_u8(&r)); /* session_id */
	hello->cookie = kk_read_raw(&r, kk_read_u8(&r));
	return kk_reader_err(&r);
}

bool dtls_server_hello_has(struct kk_view body, uint16_t extension,
    struct kk_view *random)
{
	bool has = false;
	struct kk_reader r, list;

	kk_reader_init(&r, body);
	(void)kk_read_u16(&r); /* server_version */
	*random = kk_read_raw(&r, DTLS_RANDOM_BYTES);
	(void)kk_read_raw(&r, kk_read_u8(&r)); /* session_id */
	(void)kk_read_u16(&r); /* cipher suite */
	(void)kk_read_u8(&r); /* compression */
	kk_reader_init(&list, kk_read_raw(&r, kk_read_u16(&r)));
	while (kk_reader_more(&list)) {
		uint16_t type = kk_read_u16(&list);

		(void)kk_read_raw(&list, kk_read_u16(&list));
		has = has || type == extension;
	}
	return has && !kk_reader_end(&r) && !kk_reader_end(&list);
}

void dtls_record_number(uint8_t *record, uint64_t seq)
{
	for (unsigned i = 0; i < 6; i++)
		record[5 + i] = (uint8_t)(seq >> (40 - 8 * i));
}
