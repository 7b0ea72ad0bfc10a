/* parts.c - fingerprints, identities, states, records, the queue. */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "dtls/net.h"
#include "dtls/queue.h"
#include "dtls/record.h"
#include "dtls/state.h"

/* The certificate of RFC 8122's kind, read by OpenSSL. */
static void check_certificate(const struct dtls_identity *id)
{
	struct kk_view der = dtls_identity_certificate(id);
	const uint8_t *p = der.data;
	X509 *cert = d2i_X509(NULL, &p, (long)der.bytes);
	uint8_t hash[DTLS_FINGERPRINT_BYTES];
	char group[32];
	size_t bytes = 0;
	int days = 0, seconds = 0;

	CHECK(cert);
	CHECK_EQ(X509_verify(cert, X509_get0_pubkey(cert)), 1);
	CHECK_EQ(EVP_PKEY_get_group_name(X509_get0_pubkey(cert), group,
		     sizeof(group), &bytes),
	    1);
	CHECK_STR(group, "prime256v1");
	CHECK_EQ(X509_get_signature_nid(cert), NID_ecdsa_with_SHA256);
	CHECK_EQ(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(cert),
		     X509_get0_notAfter(cert)),
	    1);
	CHECK_EQ(days * NET_DAY_S + seconds, 2 * NET_DAY_S);
	CHECK_EQ(ASN1_TIME_cmp_time_t(X509_get0_notAfter(cert),
		     NET_NOW_S + NET_DAY_S),
	    0);
	CHECK_EQ(
	    EVP_Digest(der.data, der.bytes, hash, NULL, EVP_sha256(), NULL), 1);
	CHECK_MEM(hash, dtls_identity_fingerprint(id), sizeof(hash));
	X509_free(cert);
}

TEST(an_identity_is_a_p256_certificate_signed_by_itself_for_its_lifetime)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++) {
		struct dtls_identity *a, *b;
		uint8_t read[DTLS_FINGERPRINT_BYTES];

		CHECK_OK(dtls_identity_new(&a, net_backends[i], NET_NOW_S,
		    NET_DAY_S));
		CHECK_OK(dtls_identity_new(&b, net_backends[i], NET_NOW_S,
		    NET_DAY_S));
		check_certificate(a);
		CHECK(memcmp(dtls_identity_fingerprint(a),
			  dtls_identity_fingerprint(b),
			  DTLS_FINGERPRINT_BYTES) != 0);
		CHECK_OK(dtls_fingerprint_read(
		    dtls_identity_fingerprint_text(a), read));
		CHECK_MEM(read, dtls_identity_fingerprint(a), sizeof(read));
		dtls_identity_free(a);
		dtls_identity_free(b);
	}
}

TEST(dates_of_both_backends_are_right_around_leap_days)
{
	static const uint64_t nows_s[] = {
		951782400, /* 2000-02-29 */
		1709164799, /* 2024-02-28 23:59:59 */
		1735689600, /* 2025-01-01 */
		1867449600, /* 2029-03-06 */
		2489961599, /* 2048-11-25 */
	};

	for (unsigned i = 0; i < NET_BACKENDS * KK_ARRAY_LEN(nows_s); i++) {
		const uint64_t now_s = nows_s[i / NET_BACKENDS];
		struct dtls_identity *id;
		struct kk_view der;
		const uint8_t *p;
		X509 *cert;

		CHECK_OK(dtls_identity_new(&id, net_backends[i % NET_BACKENDS],
		    now_s, 1));
		der = dtls_identity_certificate(id);
		p = der.data;
		cert = d2i_X509(NULL, &p, (long)der.bytes);
		CHECK(cert);
		CHECK_EQ(ASN1_TIME_cmp_time_t(X509_get0_notAfter(cert),
			     (time_t)now_s + 1),
		    0);
		CHECK_EQ(ASN1_TIME_cmp_time_t(X509_get0_notBefore(cert),
			     (time_t)now_s - NET_DAY_S),
		    0);
		X509_free(cert);
		dtls_identity_free(id);
	}
}

TEST(identities_with_impossible_times_or_backends_are_refused)
{
	struct dtls_identity *id = NULL;

	CHECK_ERR(dtls_identity_new(&id, net_backends[0], NET_NOW_S, 0),
	    KK_EINVAL);
	CHECK_ERR(dtls_identity_new(&id, net_backends[0], NET_NOW_S,
		      DTLS_LIFETIME_MAX_S + 1),
	    KK_EINVAL);
	CHECK_ERR(dtls_identity_new(&id, net_backends[0], 0, 1), KK_EINVAL);
	CHECK_ERR(dtls_identity_new(&id, net_backends[0], UINT64_MAX, 1),
	    KK_EINVAL);
	CHECK_ERR(dtls_identity_new(&id, (enum dtls_backend)9, NET_NOW_S, 1),
	    KK_EUNSUP);
	CHECK(id == NULL);
	CHECK(!dtls_backend_is_here((enum dtls_backend)9));
	CHECK_STR(dtls_backend_name((enum dtls_backend)9), "none");
	dtls_identity_free(NULL);
	dtls_free(NULL);
}

TEST(fingerprints_are_read_in_both_cases_and_nothing_else)
{
	char text[DTLS_FINGERPRINT_TEXT_BYTES], bad[sizeof(text) + 1];
	uint8_t in[DTLS_FINGERPRINT_BYTES], out[DTLS_FINGERPRINT_BYTES];

	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 0x1f);
	dtls_fingerprint_write(in, text);
	CHECK_EQ(strlen(text), 95);
	CHECK(strncmp(text, "00:1F:3E:5D", 11) == 0);
	CHECK_OK(dtls_fingerprint_read(text, out));
	CHECK_MEM(in, out, sizeof(in));
	text[4] = 'f';
	CHECK_OK(dtls_fingerprint_read(text, out));
	CHECK_MEM(in, out, sizeof(in));
	for (size_t at = 0; at < 95; at++) {
		memcpy(bad, text, sizeof(text));
		bad[at] = 'g';
		CHECK_ERR(dtls_fingerprint_read(bad, out), KK_EFORMAT);
		bad[at] = '\0';
		CHECK_ERR(dtls_fingerprint_read(bad, out), KK_EFORMAT);
	}
	memcpy(bad, text, sizeof(text));
	bad[95] = ':';
	bad[96] = '\0';
	CHECK_ERR(dtls_fingerprint_read(bad, out), KK_EFORMAT);
	CHECK_MEM(in, out, sizeof(in));
}

TEST(only_listed_pairs_of_state_and_event_change_a_state)
{
	static const int want[DTLS_STATE_COUNT][DTLS_EVENT_COUNT] = {
		{ DTLS_SHAKING, -1, DTLS_CLOSED, DTLS_FAILED },
		{ -1, DTLS_DONE, DTLS_CLOSED, DTLS_FAILED },
		{ -1, -1, DTLS_CLOSED, -1 },
		{ -1, -1, -1, -1 },
		{ -1, -1, -1, -1 },
	};

	for (int s = 0; s < DTLS_STATE_COUNT; s++)
		for (int e = 0; e < DTLS_EVENT_COUNT; e++) {
			enum dtls_state state = (enum dtls_state)s;
			enum kk_err err;

			err = dtls_state_change(&state, (enum dtls_event)e);
			CHECK_EQ(err, want[s][e] < 0 ? KK_ESTATE : KK_OK);
			CHECK_EQ(state, want[s][e] < 0 ? s : want[s][e]);
		}
	CHECK_STR(dtls_state_name(DTLS_DONE), "done");
	CHECK_STR(dtls_state_name(DTLS_STATE_COUNT), "unknown");
}

TEST(the_queue_is_bounded_and_keeps_the_order)
{
	struct dtls_queue queue = { 0 };
	uint8_t out[4];
	size_t bytes = sizeof(out);

	for (uint8_t i = 0; i < DTLS_QUEUE_MAX; i++)
		CHECK_OK(dtls_queue_put(&queue, kk_view_of(&i, 1)));
	CHECK_ERR(dtls_queue_put(&queue, kk_view_of("x", 1)), KK_ELIMIT);
	for (uint8_t i = 0; i < DTLS_QUEUE_MAX; i++) {
		bytes = 0;
		CHECK_ERR(dtls_queue_take(&queue, out, &bytes), KK_ENOSPC);
		bytes = sizeof(out);
		CHECK_OK(dtls_queue_take(&queue, out, &bytes));
		CHECK_EQ(bytes, 1);
		CHECK_EQ(out[0], i);
	}
	CHECK_ERR(dtls_queue_take(&queue, out, &bytes), KK_ENOENT);
	CHECK_EQ(bytes, 0);
	dtls_queue_clear(&queue);
}

TEST(fragments_that_reach_over_their_message_are_refused)
{
	uint8_t body[] = { 1, 0, 0, 4, 0, 0, 0, 0, 2, 0, 0, 2, 9, 9 };
	struct dtls_fragment fragment;

	CHECK_OK(dtls_fragment_read(kk_view_of(body, sizeof(body)), &fragment));
	CHECK_EQ(fragment.at, 2);
	CHECK_EQ(fragment.length, 4);
	body[8] = 3;
	CHECK_ERR(dtls_fragment_read(kk_view_of(body, sizeof(body)), &fragment),
	    KK_EFORMAT);
	body[8] = 2;
	CHECK_ERR(dtls_fragment_read(kk_view_of(body, 13), &fragment),
	    KK_ETRUNC);
}
