/* srtp.c - tests of sealing and opening. */
#include "srtp/srtp.h"

#include <string.h>

#include "mock/alloc.h"
#include "srtp/world.h"
#include "wire/out.h"

/* Runs a test in each profile on each backend, with a world of its own. */
#define EACH_KIND(w, ssrcs_max)                                         \
	for (size_t kind_i = 0; kind_i < WORLD_KINDS &&                 \
	    (world_init(&(w), world_kind(kind_i), 1, ssrcs_max), true); \
	    world_clear(&(w)), kind_i++)

static void rtp_pass(struct world *w, uint32_t ssrc, uint16_t seq,
    size_t payload_bytes)
{
	CHECK_OK(world_seal_rtp(w, world_rtp(w, ssrc, seq, payload_bytes)));
	CHECK_OK(world_open_rtp(w));
	world_check_opened(w);
}

TEST(packets_of_all_sizes_come_back_in_each_profile)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		for (size_t bytes = 0; bytes < 1400; bytes += 1 + bytes / 16)
			rtp_pass(&w, 9, (uint16_t)(100 + bytes), bytes);
		for (size_t count = 0; count < 32; count++) {
			CHECK_OK(world_seal_rtcp(&w, world_rtcp(&w, 9, count)));
			CHECK_OK(world_open_rtcp(&w));
			world_check_opened(&w);
		}
	}
}

TEST(any_flipped_bit_of_rtp_is_refused_and_the_good_packet_opens_once)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		rtp_pass(&w, 9, 1, 40);
		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 9, 2, 40)));
		for (size_t bit = 0; bit < w.sealed_bytes * 8; bit++) {
			w.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK_FAIL(world_open_rtp(&w));
			CHECK_EQ(w.opened_bytes, 0);
			w.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CHECK_OK(world_open_rtp(&w));
		world_check_opened(&w);
		CHECK_ERR(world_open_rtp(&w), KK_EREPLAY);
	}
}

TEST(any_flipped_bit_of_rtcp_is_refused_and_the_good_packet_opens_once)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		CHECK_OK(world_seal_rtcp(&w, world_rtcp(&w, 9, 2)));
		for (size_t bit = 0; bit < w.sealed_bytes * 8; bit++) {
			w.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK_FAIL(world_open_rtcp(&w));
			w.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CHECK_OK(world_open_rtcp(&w));
		world_check_opened(&w);
		CHECK_ERR(world_open_rtcp(&w), KK_EREPLAY);
	}
}

TEST(sealed_packet_cut_anywhere_is_refused)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		size_t whole;

		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 9, 2, 40)));
		whole = w.sealed_bytes;
		for (w.sealed_bytes = 0; w.sealed_bytes < whole;
		    w.sealed_bytes++) {
			size_t cut = w.sealed_bytes;

			CHECK_FAIL(world_open_rtp(&w));
			w.sealed_bytes = cut;
		}
		CHECK_OK(world_open_rtp(&w));
		CHECK_OK(world_seal_rtcp(&w, world_rtcp(&w, 9, 2)));
		whole = w.sealed_bytes;
		for (w.sealed_bytes = 0; w.sealed_bytes < whole;
		    w.sealed_bytes++)
			CHECK_FAIL(world_open_rtcp(&w));
		CHECK_OK(world_open_rtcp(&w));
	}
}

TEST(what_an_error_leaves_in_the_output_is_zeros)
{
	static const uint8_t zeros[WORLD_BYTES] = { 0 };
	struct world w;

	EACH_KIND(w, 4)
	{
		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 9, 2, 40)));
		w.sealed[w.sealed_bytes - 1] ^= 1;
		CHECK_ERR(world_open_rtp(&w), KK_EAUTH);
		CHECK_MEM(w.opened, zeros, w.sealed_bytes);
		CHECK_ERR(world_seal_rtp(&w, w.plain_bytes), KK_EREPLAY);
		CHECK_MEM(w.sealed, zeros, w.plain_bytes);
	}
}

/* --- order and replay ----------------------------------------------------- */

struct kept { /* sealed packets to be opened in another order */
	uint8_t data[WORLD_BYTES];
	size_t bytes;
};

static void keep(struct world *w, struct kept *k, uint64_t index)
{
	CHECK_OK(world_seal_rtp(w, world_rtp(w, 9, (uint16_t)index, 30)));
	memcpy(k->data, w->sealed, w->sealed_bytes);
	k->bytes = w->sealed_bytes;
}

static enum kk_err open_kept(struct world *w, const struct kept *k)
{
	memcpy(w->sealed, k->data, k->bytes);
	w->sealed_bytes = k->bytes;
	return world_open_rtp(w);
}

TEST(packets_reordered_over_the_wrap_open_once_each)
{
	enum { COUNT = 40 };
	static struct kept kept[COUNT];
	struct world w;

	EACH_KIND(w, 4)
	{
		for (uint64_t i = 0; i < COUNT; i++)
			keep(&w, &kept[i], 0xffff - COUNT / 2 + i);
		for (size_t i = 0; i < COUNT; i++) /* 7 goes through all 40 */
			CHECK_OK(open_kept(&w, &kept[(i * 7 + 3) % COUNT]));
		for (size_t i = 0; i < COUNT; i++)
			CHECK_ERR(open_kept(&w, &kept[i]), KK_EREPLAY);
	}
}

TEST(packet_older_than_the_window_is_refused_and_the_oldest_in_it_opens)
{
	static struct kept old, edge, top;
	struct world w;

	EACH_KIND(w, 4)
	{
		keep(&w, &old, 1000);
		keep(&w, &edge, 1001);
		keep(&w, &top, 1000 + SRTP_REPLAY_PACKETS);
		CHECK_OK(open_kept(&w, &top));
		CHECK_ERR(open_kept(&w, &old), KK_EREPLAY);
		CHECK_OK(open_kept(&w, &edge));
		CHECK_ERR(open_kept(&w, &edge), KK_EREPLAY);
	}
}

TEST(index_is_sealed_once)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		size_t bytes;

		rtp_pass(&w, 9, 5, 10);
		bytes = world_rtp(&w, 9, 5, 11);
		CHECK_ERR(world_seal_rtp(&w, bytes), KK_EREPLAY);
		rtp_pass(&w, 9, 6, 10);
		CHECK_ERR(world_seal_rtp(&w, world_rtp(&w, 9, 5, 12)),
		    KK_EREPLAY);
		rtp_pass(&w, 10, 5, 10); /* of another source */
	}
}

TEST(rtcp_reordered_opens_and_its_replay_does_not)
{
	static struct kept kept[3];
	struct world w;

	EACH_KIND(w, 4)
	{
		for (size_t i = 0; i < 3; i++) {
			CHECK_OK(world_seal_rtcp(&w, world_rtcp(&w, 9, i)));
			memcpy(kept[i].data, w.sealed, w.sealed_bytes);
			kept[i].bytes = w.sealed_bytes;
		}
		for (size_t i = 3; i-- > 0;) {
			memcpy(w.sealed, kept[i].data, kept[i].bytes);
			w.sealed_bytes = kept[i].bytes;
			CHECK_OK(world_open_rtcp(&w));
			w.sealed_bytes = kept[i].bytes;
			CHECK_ERR(world_open_rtcp(&w), KK_EREPLAY);
		}
	}
}

/* --- sources -------------------------------------------------------------- */

TEST(sources_are_limited_when_opening_and_forged_ones_take_no_place)
{
	struct world w;

	EACH_KIND(w, 3)
	{
		for (uint32_t ssrc = 100; ssrc < 400; ssrc++) {
			CHECK_OK(world_seal_rtp(&w,
			    world_rtp(&w, 9, (uint16_t)ssrc, 20)));
			wire_put_u32(w.sealed + 8, ssrc);
			CHECK_ERR(world_open_rtp(&w), KK_EAUTH);
		}
		rtp_pass(&w, 1, 1, 10);
		rtp_pass(&w, 2, 1, 10);
		CHECK_OK(world_seal_rtcp(&w, world_rtcp(&w, 3, 1)));
		CHECK_OK(world_open_rtcp(&w));
		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 4, 1, 10)));
		CHECK_ERR(world_open_rtp(&w), KK_ELIMIT);
		CHECK_OK(world_seal_rtcp(&w, world_rtcp(&w, 4, 1)));
		CHECK_ERR(world_open_rtcp(&w), KK_ELIMIT);
		rtp_pass(&w, 3, 1, 10); /* those that are there go on */
		rtp_pass(&w, 1, 2, 10);
	}
}

TEST(sources_are_limited_when_sealing)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		uint32_t ssrc = 1;

		for (; ssrc <= WORLD_TX_SSRCS_MAX; ssrc++)
			CHECK_OK(world_seal_rtp(&w, world_rtp(&w, ssrc, 1, 9)));
		CHECK_ERR(world_seal_rtp(&w, world_rtp(&w, ssrc, 1, 9)),
		    KK_ELIMIT);
		CHECK_ERR(world_seal_rtcp(&w, world_rtcp(&w, ssrc, 1)),
		    KK_ELIMIT);
		CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 1, 2, 10)));
	}
}

/* --- keys ----------------------------------------------------------------- */

TEST(new_keys_open_nothing_of_the_old_ones)
{
	struct world old, new;

	for (size_t i = 0; i < WORLD_KINDS; i++) {
		world_init(&old, world_kind(i), 1, 4);
		world_init(&new, world_kind(i), 2, 4);
		rtp_pass(&old, 9, 1, 10);
		CHECK_OK(world_seal_rtp(&old, world_rtp(&old, 9, 2, 10)));
		memcpy(new.sealed, old.sealed, old.sealed_bytes);
		new.sealed_bytes = old.sealed_bytes;
		CHECK_ERR(world_open_rtp(&new), KK_EAUTH);
		rtp_pass(&new, 9, 2, 10); /* from the start again */
		CHECK_OK(world_open_rtp(&old)); /* still in flight */
		world_clear(&old);
		world_clear(&new);
	}
}

TEST(dtls_material_is_split_so_that_both_ends_meet)
{
	uint8_t material[SRTP_DTLS_MAX_BYTES];

	for (size_t i = 0; i < sizeof(material); i++)
		material[i] = (uint8_t)i;
	for (size_t i = 0; i < WORLD_PROFILES; i++) {
		enum srtp_profile profile = world_profiles[i];
		size_t key = srtp_key_bytes(profile);
		size_t salt = srtp_salt_bytes(profile);
		struct kk_view all = kk_view_of(material,
		    srtp_dtls_bytes(profile));
		struct srtp_dtls_keys a, b;

		CHECK_OK(srtp_dtls_split(&a, profile, all, true));
		CHECK_OK(srtp_dtls_split(&b, profile, all, false));
		CHECK_EQ(a.own_key.data - material, 0);
		CHECK_EQ(a.peer_key.data - material, key);
		CHECK_EQ(a.own_salt.data - material, 2 * key);
		CHECK_EQ(a.peer_salt.data - material, 2 * key + salt);
		CHECK(kk_view_equal(a.own_key, b.peer_key));
		CHECK(kk_view_equal(a.peer_salt, b.own_salt));
		CHECK_EQ(b.own_salt.bytes, salt);
		all.bytes--;
		CHECK_ERR(srtp_dtls_split(&a, profile, all, true), KK_EINVAL);
	}
	CHECK_ERR(srtp_dtls_split(&(struct srtp_dtls_keys){ 0 },
		      (enum srtp_profile)5, kk_view_of(material, 0), true),
	    KK_EINVAL);
}

TEST(profiles_have_the_lengths_of_their_rfcs)
{
	CHECK_EQ(srtp_dtls_bytes(SRTP_PROFILE_AES128_CM_SHA1_80), 60);
	CHECK_EQ(srtp_dtls_bytes(SRTP_PROFILE_AEAD_AES_128_GCM), 56);
	CHECK_EQ(srtp_dtls_bytes(SRTP_PROFILE_AEAD_AES_256_GCM), 88);
	CHECK_EQ(srtp_dtls_bytes((enum srtp_profile)5), 0);
	CHECK(!srtp_profile_name((enum srtp_profile)5));
	CHECK_STR(srtp_profile_name(SRTP_PROFILE_AEAD_AES_256_GCM),
	    "AEAD_AES_256_GCM");
}

/* RFC 3711, 5.2 with a tag of 32 bits: for telephones, over libsrtp2 alone. */
TEST(short_tag_is_four_bytes_of_rtp_and_ten_of_rtcp)
{
	const struct world_kind kind = { NULL, SRTP_PROFILE_AES128_CM_SHA1_32 };
	const struct world_kind engine = { "openssl", kind.profile };
	struct srtp_tx *tx = NULL;
	struct world w;

	world_init(&w, kind, 7, 1);
	CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 5, 6, 100)));
	CHECK_EQ(w.sealed_bytes, w.plain_bytes + 4);
	CHECK_OK(world_open_rtp(&w));
	CHECK_MEM(w.opened, w.plain, w.plain_bytes);
	CHECK_OK(world_seal_rtp(&w, world_rtp(&w, 5, 7, 100)));
	w.sealed[w.sealed_bytes - 1] ^= 1;
	CHECK_ERR(world_open_rtp(&w), KK_EAUTH);
	CHECK_OK(world_seal_rtcp(&w, world_rtcp(&w, 5, 1)));
	CHECK_EQ(w.sealed_bytes, w.plain_bytes + 14);
	CHECK_OK(world_open_rtcp(&w));
	CHECK_ERR(world_tx_new(&tx, engine, w.key, w.salt, 1), KK_EUNSUP);
	CHECK(!tx);
	world_clear(&w);
}

TEST(objects_are_not_made_of_wrong_arguments)
{
	static const uint8_t bytes[64] = { 0 };
	enum srtp_profile gcm = SRTP_PROFILE_AEAD_AES_128_GCM;
	struct kk_view key = kk_view_of(bytes, 16);
	struct kk_view salt = kk_view_of(bytes, 12);
	struct kk_view longer = kk_view_of(bytes, 17);
	struct srtp_tx *tx = NULL;
	struct srtp_rx *rx = NULL;

	CHECK_OK(srtp_library_init());
	CHECK_ERR(srtp_tx_new(&tx, (enum srtp_profile)5, key, salt, 1),
	    KK_EINVAL);
	CHECK_ERR(srtp_tx_new(&tx, gcm, longer, salt, 1), KK_EINVAL);
	CHECK_ERR(srtp_tx_new(&tx, gcm, key, key, 1), KK_EINVAL);
	CHECK_ERR(srtp_rx_new(&rx, gcm, key, salt, 0), KK_EINVAL);
	CHECK_ERR(srtp_rx_new(&rx, gcm, key, salt, SRTP_SSRCS_MAX + 1),
	    KK_EINVAL);
	CHECK(!tx && !rx);
	srtp_tx_free(NULL);
	srtp_rx_free(NULL);
}

TEST(objects_survive_failed_allocations)
{
	static const uint8_t bytes[64] = { 0 };

	CHECK_OK(srtp_library_init());
	for (size_t i = 0; i < WORLD_KINDS; i++) {
		struct world_kind kind = world_kind(i);
		struct kk_view key = kk_view_of(bytes,
		    srtp_key_bytes(kind.profile));
		struct kk_view salt = kk_view_of(bytes,
		    srtp_salt_bytes(kind.profile));
		struct srtp_tx *tx = NULL;
		struct srtp_rx *rx = NULL;
		enum kk_err err;

		if (kind.engine)
			(void)world_engines(kind.engine); /* made already */
		ALLOC_FAULT_LOOP(err, world_tx_new(&tx, kind, key, salt, 8));
		CHECK_OK(err);
		ALLOC_FAULT_LOOP(err, world_rx_new(&rx, kind, key, salt, 8));
		CHECK_OK(err);
		srtp_tx_free(tx);
		srtp_rx_free(rx);
	}
}

TEST(first_packet_of_a_source_survives_failed_allocations)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		enum kk_err err;
		size_t bytes = world_rtp(&w, 9, 1, 40);

		ALLOC_FAULT_LOOP(err, world_seal_rtp(&w, bytes));
		CHECK_OK(err);
		ALLOC_FAULT_LOOP(err, world_open_rtp(&w));
		CHECK_OK(err);
		world_check_opened(&w);
	}
}

/* --- sizes and forms ------------------------------------------------------ */

TEST(too_little_room_is_told_before_anything_happens)
{
	struct world w;

	EACH_KIND(w, 4)
	{
		size_t bytes = world_rtp(&w, 9, 1, 40);
		struct kk_view plain = kk_view_of(w.plain, bytes);

		for (size_t room = 0; room < bytes + SRTP_OVERHEAD_BYTES;
		    room++) {
			size_t out_bytes = room;

			CHECK_ERR(srtp_tx_seal_rtp(w.tx, plain, w.sealed,
				      &out_bytes),
			    KK_ENOSPC);
			CHECK_EQ(out_bytes, 0);
		}
		CHECK_OK(world_seal_rtp(&w, bytes)); /* the index is free */
		for (size_t room = 0; room < w.sealed_bytes; room++) {
			size_t out_bytes = room;

			CHECK_ERR(srtp_rx_open_rtp(w.rx,
				      kk_view_of(w.sealed, w.sealed_bytes),
				      w.opened, &out_bytes),
			    KK_ENOSPC);
		}
		CHECK_OK(world_open_rtp(&w));
	}
}

TEST(what_is_no_packet_is_refused_on_both_sides)
{
	static uint8_t in[SRTP_PACKET_MAX_BYTES + 1], out[2 * sizeof(in)];
	struct world w;

	EACH_KIND(w, 4)
	{
		struct kk_view all = kk_view_of(in, sizeof(in));
		struct kk_view some = kk_view_of(in, 100);
		size_t n = sizeof(out);

		in[0] = 0x80;
		in[1] = 96;
		CHECK_ERR(srtp_tx_seal_rtp(w.tx, all, out, &n), KK_ELIMIT);
		n = sizeof(out);
		CHECK_ERR(srtp_rx_open_rtp(w.rx, all, out, &n), KK_ELIMIT);
		n = sizeof(out);
		CHECK_ERR(srtp_rx_open_rtcp(w.rx, all, out, &n), KK_ELIMIT);
		in[0] = 0x40;
		n = sizeof(out);
		CHECK_ERR(srtp_tx_seal_rtp(w.tx, some, out, &n), KK_EFORMAT);
		n = sizeof(out);
		CHECK_ERR(srtp_tx_seal_rtcp(w.tx, some, out, &n), KK_EFORMAT);
		n = sizeof(out);
		CHECK_ERR(srtp_rx_open_rtcp(w.rx, some, out, &n), KK_EFORMAT);
		in[0] = 0x80;
		in[1] = 203; /* a BYE without any source */
		n = sizeof(out);
		CHECK_ERR(srtp_tx_seal_rtcp(w.tx, kk_view_of(in, 4), out, &n),
		    KK_ETRUNC);
	}
}
