/* stun.c - tests of STUN requests and answers. */
#define _GNU_SOURCE /* memmem */
#include "wire/stun.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"

enum { OUT_BYTES = 256 };

/* RFC 5769, 2.1 to 2.3: request, IPv4 and IPv6 response. */
static const uint8_t request[] = { 0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4,
	0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf,
	0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65,
	0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00,
	0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9,
	0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74,
	0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00,
	0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2,
	0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00,
	0x04, 0xe5, 0x7a, 0x3b, 0xcf };
static const uint8_t response_v4[] = { 0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4,
	0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf,
	0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65,
	0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1,
	0x47, 0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5,
	0x99, 0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba,
	0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c,
	0x96 };
static const uint8_t response_v6[] = { 0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4,
	0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf,
	0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65,
	0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1,
	0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4,
	0xb5, 0xbe, 0xd2, 0xb9, 0xd9, 0x00, 0x08, 0x00, 0x14, 0xa3, 0x82, 0x95,
	0x4e, 0x4b, 0xe6, 0x7b, 0xf1, 0x17, 0x84, 0xc9, 0x7c, 0x82, 0x92, 0xc2,
	0x75, 0xbf, 0xe3, 0xed, 0x41, 0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b,
	0x4c };

static const uint8_t transaction[] = { 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6,
	0x86, 0xfa, 0x87, 0xdf, 0xae };
static const struct wire_stun_addr addr_v4 = { false, { 192, 0, 2, 1 }, 32853 };
static const struct wire_stun_addr addr_v6 = { true,
	{ 0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x00, 0x11, 0x22,
	    0x33, 0x44, 0x55, 0x66, 0x77 },
	32853 };

static struct kk_view user(void)
{
	return kk_view_text("evtj:h6vY");
}

static struct kk_view password(void)
{
	return kk_view_text("VOkJxbRl1RmTxUk/WvJxBt");
}

static enum kk_err check(struct wire_stun_request *req, const void *in,
    size_t bytes)
{
	return wire_stun_request_check(req, kk_view_of(in, bytes), user(),
	    password());
}

static void check_addr(const struct wire_stun_addr *a,
    const struct wire_stun_addr *b)
{
	CHECK_EQ(a->is_v6, b->is_v6);
	CHECK_EQ(a->port, b->port);
	CHECK_MEM(a->ip, b->ip, sizeof(a->ip));
}

TEST(stun_request_of_the_rfc_is_proved_and_read)
{
	struct kk_view name, local, remote;
	struct wire_stun_request req;

	CHECK_OK(wire_stun_username(kk_view_of(request, sizeof(request)),
	    &name));
	CHECK(kk_view_equal(name, user()));
	CHECK_OK(wire_stun_username_split(name, &local, &remote));
	CHECK(kk_view_equal(local, kk_view_text("evtj")));
	CHECK(kk_view_equal(remote, kk_view_text("h6vY")));
	CHECK_OK(check(&req, request, sizeof(request)));
	CHECK_MEM(req.transaction, transaction, sizeof(transaction));
	CHECK(req.has_priority && !req.is_nominating);
	CHECK_EQ(req.priority, 0x6e0001ff);
	CHECK_EQ(req.role, WIRE_STUN_CONTROLLED);
	CHECK(req.tie_breaker == UINT64_C(0x932ff9b151263b36));
}

TEST(stun_responses_of_the_rfc_tell_the_mapped_address)
{
	struct wire_stun_response res;

	CHECK_OK(wire_stun_response_check(&res,
	    kk_view_of(response_v4, sizeof(response_v4)), transaction,
	    password()));
	CHECK_EQ(res.error, 0);
	check_addr(&res.mapped, &addr_v4);
	CHECK_OK(wire_stun_response_check(&res,
	    kk_view_of(response_v6, sizeof(response_v6)), transaction,
	    password()));
	check_addr(&res.mapped, &addr_v6);
}

TEST(stun_request_with_any_bit_flipped_is_refused)
{
	for (size_t bit = 0; bit < sizeof(request) * 8; bit++) {
		uint8_t in[sizeof(request)];
		struct wire_stun_request req = { .priority = 3 };

		memcpy(in, request, sizeof(in));
		in[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK_FAIL(check(&req, in, sizeof(in)));
		CHECK_EQ(req.priority, 3);
		CHECK_EQ(req.role, WIRE_STUN_ROLE_NONE);
	}
}

TEST(stun_message_cut_anywhere_or_longer_is_refused)
{
	uint8_t *in = malloc(sizeof(request) + 4);
	struct wire_stun_request req;

	CHECK(in);
	for (size_t cut = 0; cut < sizeof(request); cut++) {
		uint8_t *exact = malloc(cut ? cut : 1);

		CHECK(exact);
		memcpy(exact, request, cut);
		CHECK_ERR(check(&req, exact, cut), KK_ETRUNC);
		free(exact);
	}
	memcpy(in, request, sizeof(request));
	memset(in + sizeof(request), 0, 4);
	CHECK_ERR(check(&req, in, sizeof(request) + 4), KK_EFORMAT);
	free(in);
}

TEST(stun_request_for_others_or_with_a_wrong_password_is_refused)
{
	struct kk_view in = kk_view_of(request, sizeof(request));
	struct wire_stun_request req;

	CHECK_ERR(wire_stun_request_check(&req, in, kk_view_text("evtj:other"),
		      password()),
	    KK_EDENIED);
	CHECK_ERR(wire_stun_request_check(&req, in, user(),
		      kk_view_text("VOkJxbRl1RmTxUk/WvJxBT")),
	    KK_EAUTH);
	CHECK_ERR(wire_stun_request_check(&req, in, user(), kk_view_text("")),
	    KK_EAUTH);
}

TEST(stun_response_is_no_request_and_the_other_way_round)
{
	struct kk_view a = kk_view_of(request, sizeof(request));
	struct kk_view b = kk_view_of(response_v4, sizeof(response_v4));
	struct wire_stun_response res;
	struct wire_stun_request req;
	uint8_t other[sizeof(transaction)] = { 0 };
	struct kk_view name;

	CHECK_ERR(wire_stun_request_check(&req, b, user(), password()),
	    KK_EUNSUP);
	CHECK_ERR(wire_stun_username(b, &name), KK_EUNSUP);
	CHECK_ERR(wire_stun_response_check(&res, a, transaction, password()),
	    KK_EUNSUP);
	CHECK_ERR(wire_stun_response_check(&res, b, other, password()),
	    KK_ENOENT);
	CHECK_ERR(wire_stun_response_check(&res, b, transaction,
		      kk_view_text("x")),
	    KK_EAUTH);
}

TEST(stun_username_without_two_parts_is_refused)
{
	static const char *const bad[] = { "", ":", "a:", ":b", "ab" };
	struct kk_view local, remote;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK_ERR(wire_stun_username_split(kk_view_text(bad[i]), &local,
			      &remote),
		    KK_EFORMAT);
	CHECK_OK(wire_stun_username_split(kk_view_text("a:b:c"), &local,
	    &remote));
	CHECK(kk_view_equal(remote, kk_view_text("b:c")));
}

static void check_success(const struct wire_stun_addr *addr)
{
	uint8_t out[WIRE_STUN_SUCCESS_MAX_BYTES];
	struct wire_stun_response res;
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_stun_success_write(&w, transaction, addr, password());
	CHECK_OK(w.err);
	CHECK_EQ(w.bytes, addr->is_v6 ? WIRE_STUN_SUCCESS_MAX_BYTES : 64);
	CHECK_OK(wire_stun_response_check(&res, kk_view_of(out, w.bytes),
	    transaction, password()));
	check_addr(&res.mapped, addr);
	for (size_t room = 0; room < w.bytes; room++) {
		struct wire_out small;

		wire_out_init(&small, out, room);
		wire_stun_success_write(&small, transaction, addr, password());
		CHECK_ERR(small.err, KK_ENOSPC);
		CHECK_EQ(small.bytes, 0);
	}
}

TEST(stun_success_says_the_address_in_both_families)
{
	struct wire_out w;
	uint8_t out[OUT_BYTES];

	check_success(&addr_v4);
	check_success(&addr_v6);
	wire_out_init(&w, out, sizeof(out));
	wire_stun_success_write(&w, transaction, &addr_v4, kk_view_text(""));
	CHECK_ERR(w.err, KK_EINVAL);
	CHECK_EQ(w.bytes, 0);
}

TEST(stun_role_conflict_is_an_authentic_error)
{
	uint8_t out[WIRE_STUN_ERROR_MAX_BYTES];
	struct wire_stun_response res;
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_stun_error_write(&w, transaction, WIRE_STUN_ROLE_CONFLICT,
	    password());
	CHECK_OK(w.err);
	CHECK_OK(wire_stun_response_check(&res, kk_view_of(out, w.bytes),
	    transaction, password()));
	CHECK_EQ(res.error, 487);
	out[w.bytes - 1] ^= 1;
	CHECK_ERR(wire_stun_response_check(&res, kk_view_of(out, w.bytes),
		      transaction, password()),
	    KK_EFORMAT);
}

TEST(stun_errors_before_a_password_are_short_and_without_integrity)
{
	static const enum wire_stun_error codes[] = { WIRE_STUN_BAD_REQUEST,
		WIRE_STUN_UNAUTHENTICATED };

	for (size_t i = 0; i < KK_ARRAY_LEN(codes); i++) {
		uint8_t out[WIRE_STUN_ERROR_MAX_BYTES];
		struct wire_stun_response res;
		struct wire_out w;

		wire_out_init(&w, out, sizeof(out));
		wire_stun_error_write(&w, transaction, codes[i],
		    kk_view_text(""));
		CHECK_OK(w.err);
		CHECK(w.bytes < sizeof(request));
		CHECK_OK(wire_stun_response_check(&res,
		    kk_view_of(out, w.bytes), transaction, password()));
		CHECK_EQ(res.error, codes[i]);
	}
}

static size_t request_make(uint8_t *out, enum wire_stun_role role)
{
	struct wire_stun_request req = { .username = user(),
		.is_nominating = true,
		.has_priority = true,
		.priority = 77,
		.role = role,
		.tie_breaker = UINT64_C(0x0102030405060708) };
	struct wire_out w;

	memcpy(req.transaction, transaction, sizeof(transaction));
	wire_out_init(&w, out, OUT_BYTES);
	wire_stun_request_write(&w, &req, password());
	CHECK_OK(w.err);
	return w.bytes;
}

TEST(stun_request_written_is_read_with_all_it_says)
{
	for (enum wire_stun_role role = WIRE_STUN_ROLE_NONE;
	    role <= WIRE_STUN_CONTROLLED; role++) {
		uint8_t out[OUT_BYTES];
		size_t bytes = request_make(out, role);
		struct wire_stun_request req;

		CHECK_OK(check(&req, out, bytes));
		CHECK(req.is_nominating && req.has_priority);
		CHECK_EQ(req.priority, 77);
		CHECK_EQ(req.role, role);
		CHECK(role == WIRE_STUN_ROLE_NONE ?
			req.tie_breaker == 0 :
			req.tie_breaker == UINT64_C(0x0102030405060708));
	}
}

/* RFC 8489, 14.7: CRC-32 of what stands before, XORed. */
static uint32_t fingerprint_of(const uint8_t *data, size_t bytes)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc ^ 0x5354554e;
}

/* A message whose MESSAGE-INTEGRITY has been cut out, with a right length and
 * fingerprint again. */
static size_t integrity_strip(uint8_t *out, const uint8_t *in, size_t bytes)
{
	const size_t kept = bytes - 24 - 8;

	memcpy(out, in, kept);
	wire_put_u16(out + 2, (unsigned)(kept + 8 - 20));
	memcpy(out + kept, in + bytes - 8, 4);
	wire_put_u32(out + kept + 4, fingerprint_of(out, kept));
	return kept + 8;
}

TEST(stun_message_without_integrity_is_not_believed)
{
	struct wire_stun_response res = { .error = 1 };
	struct wire_stun_request req;
	uint8_t out[OUT_BYTES];
	struct wire_out w;
	size_t bytes;

	CHECK_EQ(fingerprint_of(request, sizeof(request) - 8), 0xe57a3bcf);
	bytes = integrity_strip(out, request, sizeof(request));
	CHECK_ERR(check(&req, out, bytes), KK_EAUTH);
	bytes = integrity_strip(out, response_v4, sizeof(response_v4));
	CHECK_ERR(wire_stun_response_check(&res, kk_view_of(out, bytes),
		      transaction, password()),
	    KK_EAUTH);
	wire_out_init(&w, out, sizeof(out));
	wire_stun_error_write(&w, transaction, WIRE_STUN_ROLE_CONFLICT,
	    kk_view_text(""));
	CHECK_ERR(wire_stun_response_check(&res, wire_out_view(&w), transaction,
		      password()),
	    KK_EAUTH);
	CHECK_ERR(wire_stun_response_check(&res,
		      kk_view_of(response_v4, sizeof(response_v4)), transaction,
		      kk_view_text("")),
	    KK_EAUTH);
	CHECK_EQ(res.error, 1);
}

TEST(stun_attribute_behind_the_integrity_is_not_read)
{
	uint8_t out[OUT_BYTES];
	size_t bytes = request_make(out, WIRE_STUN_ROLE_NONE);
	struct wire_stun_request req;

	/* ICE-CONTROLLED between integrity and fingerprint. */
	memcpy(out + bytes - 8, "\x80\x29\x00\x08", 4);
	memset(out + bytes - 4, 0xee, 8);
	bytes += 12;
	wire_put_u16(out + 2, (unsigned)(bytes - 20));
	memcpy(out + bytes - 8, "\x80\x28\x00\x04", 4);
	wire_put_u32(out + bytes - 4, fingerprint_of(out, bytes - 8));
	CHECK_OK(check(&req, out, bytes));
	CHECK_EQ(req.role, WIRE_STUN_ROLE_NONE);
	CHECK(req.is_nominating);
}

/* A good request with one more attribute in front of the integrity, which is
 * made anew, as the fingerprint is. */
static size_t request_extend(uint8_t *out, enum wire_stun_role role,
    const uint8_t *attribute, size_t attribute_bytes)
{
	const size_t at = request_make(out, role) - 24 - 8;
	const size_t tag_at = at + attribute_bytes;
	const struct kk_view key = password();
	unsigned mac_bytes = 20;

	memcpy(out + at, attribute, attribute_bytes);
	wire_put_u16(out + 2, (unsigned)(tag_at + 24 - 20));
	wire_put_u32(out + tag_at, 0x00080014);
	CHECK(HMAC(EVP_sha1(), key.data, (int)key.bytes, out, tag_at,
		  out + tag_at + 4, &mac_bytes) != NULL);
	wire_put_u16(out + 2, (unsigned)(tag_at + 24 + 8 - 20));
	wire_put_u32(out + tag_at + 24, 0x80280004);
	wire_put_u32(out + tag_at + 28, fingerprint_of(out, tag_at + 24));
	return tag_at + 32;
}

TEST(stun_unknown_attribute_is_refused_when_it_must_be_understood)
{
	static const uint8_t must[] = { 0x00, 0x30, 0x00, 0x01, 1, 0, 0, 0 };
	static const uint8_t may[] = { 0xc0, 0x57, 0x00, 0x04, 1, 2, 3, 4 };
	struct wire_stun_request req;
	uint8_t out[OUT_BYTES];
	size_t bytes;

	bytes = request_extend(out, WIRE_STUN_ROLE_NONE, may, sizeof(may));
	CHECK_OK(check(&req, out, bytes));
	bytes = request_extend(out, WIRE_STUN_ROLE_NONE, must, sizeof(must));
	CHECK_ERR(check(&req, out, bytes), KK_EUNSUP);
}

TEST(stun_unknown_attribute_is_answered_with_its_name_when_it_is_authentic)
{
	static const uint8_t must[] = { 0x00, 0x30, 0x00, 0x01, 1, 0, 0, 0 };
	static const uint8_t want[] = { 0x00, 0x0a, 0x00, 0x02, 0x00, 0x30 };
	struct wire_stun_response res;
	struct wire_stun_request req;
	uint8_t in[OUT_BYTES], out[OUT_BYTES];
	struct wire_out w;
	size_t bytes;

	bytes = request_extend(in, WIRE_STUN_ROLE_NONE, must, sizeof(must));
	in[8] ^= 1; /* the transaction: integrity fails first */
	CHECK_FAIL(check(&req, in, bytes));
	CHECK(check(&req, in, bytes) != KK_EUNSUP);
	in[8] ^= 1;
	wire_out_init(&w, out, sizeof(out));
	wire_stun_unknown_write(&w, kk_view_of(in, bytes), password());
	CHECK_OK(w.err);
	CHECK_OK(wire_stun_response_check(&res, wire_out_view(&w), in + 8,
	    password()));
	CHECK_EQ(res.error, WIRE_STUN_UNKNOWN_ATTRIBUTE);
	CHECK(memmem(out, w.bytes, want, sizeof(want)));
}

TEST(stun_unknown_answer_is_not_made_without_a_reason_or_room)
{
	static const uint8_t must[] = { 0x00, 0x30, 0x00, 0x01, 1, 0, 0, 0 };
	uint8_t in[OUT_BYTES], out[OUT_BYTES];
	struct wire_out w;
	size_t bytes;

	wire_out_init(&w, out, sizeof(out));
	wire_stun_unknown_write(&w, kk_view_of(request, sizeof(request)),
	    password());
	CHECK_ERR(w.err, KK_EINVAL);
	wire_out_init(&w, out, sizeof(out));
	wire_stun_unknown_write(&w, kk_view_of(request, 20), password());
	CHECK_ERR(w.err, KK_EINVAL);
	bytes = request_extend(in, WIRE_STUN_ROLE_NONE, must, sizeof(must));
	for (size_t room = 0; room < 64; room++) {
		wire_out_init(&w, out, room);
		wire_stun_unknown_write(&w, kk_view_of(in, bytes), password());
		CHECK_ERR(w.err, KK_ENOSPC);
		CHECK_EQ(w.bytes, 0);
	}
}

TEST(stun_request_with_both_roles_or_half_a_one_is_refused)
{
	static const uint8_t controlled[] = { 0x80, 0x29, 0x00, 0x08, 1, 2, 3,
		4, 5, 6, 7, 8 };
	static const uint8_t half[] = { 0x80, 0x29, 0x00, 0x04, 1, 2, 3, 4 };
	struct wire_stun_request req;
	uint8_t out[OUT_BYTES];
	size_t bytes;

	bytes = request_extend(out, WIRE_STUN_ROLE_NONE, controlled, 12);
	CHECK_OK(check(&req, out, bytes));
	CHECK_EQ(req.role, WIRE_STUN_CONTROLLED);
	bytes = request_extend(out, WIRE_STUN_CONTROLLING, controlled, 12);
	CHECK_ERR(check(&req, out, bytes), KK_EFORMAT);
	bytes = request_extend(out, WIRE_STUN_ROLE_NONE, half, sizeof(half));
	CHECK_ERR(check(&req, out, bytes), KK_EFORMAT);
}

TEST(stun_request_without_a_user_name_is_refused)
{
	uint8_t out[] = { 0x00, 0x01, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4,
		5, 6, 7, 8, 9, 10, 11, 12 };
	struct wire_stun_request req;
	struct kk_view name;

	CHECK_ERR(wire_stun_username(kk_view_of(out, sizeof(out)), &name),
	    KK_EFORMAT);
	CHECK_ERR(check(&req, out, sizeof(out)), KK_EFORMAT);
	out[4] = 0; /* and without the cookie it is nothing at all */
	CHECK_ERR(wire_stun_username(kk_view_of(out, sizeof(out)), &name),
	    KK_EFORMAT);
}

TEST(stun_writers_refuse_what_they_cannot_write)
{
	const struct wire_stun_request nobody = { .role = WIRE_STUN_ROLE_NONE };
	uint8_t out[OUT_BYTES];

	for (size_t room = 0; room < 60; room++) {
		struct wire_out w;

		wire_out_init(&w, out, room);
		wire_stun_error_write(&w, transaction, WIRE_STUN_ROLE_CONFLICT,
		    password());
		CHECK_ERR(w.err, KK_ENOSPC);
		CHECK_EQ(w.bytes, 0);
		wire_out_init(&w, out, sizeof(out));
		wire_stun_request_write(&w, &nobody, password());
		CHECK_ERR(w.err, KK_EINVAL);
		CHECK_EQ(w.bytes, 0);
	}
}

TEST(stun_message_over_the_limit_is_refused_unread)
{
	static uint8_t in[WIRE_STUN_MAX_BYTES + 1];
	struct wire_stun_request req;

	memcpy(in, request, sizeof(request));
	CHECK_ERR(check(&req, in, sizeof(in)), KK_ELIMIT);
}
