/* group_flips.c - damaged messages are refused and change nothing. */
#include "group_world.h"
#include "harness/tap.h"

static const struct kk_view none = { 0 };

/* Every byte of a message flipped in turn, or a sample of them. */
static void flips_refused(struct group_member *m, struct kk_view good)
{
	size_t stride = 1 + good.bytes / 150;
	struct group_look before = group_member_look(m), after;
	struct kk_bytes bad = { 0 };

	CHECK_OK(kk_bytes_copy(&bad, good));
	for (size_t i = 0; i < bad.bytes; i += stride) {
		bad.data[i] ^= 0x04;
		CHECK_FAIL(group_member_take(m, kk_bytes_view(&bad)));
		bad.data[i] ^= 0x04;
		CHECK_FAIL(group_member_take(m, kk_view_of(bad.data, i)));
	}
	kk_bytes_clear(&bad);
	after = group_member_look(m);
	CHECK(group_look_equal(&before, &after));
	CHECK_OK(group_member_take(m, good));
}

static void flip_each_kind(enum mls_wire wire)
{
	const struct mls_commit_spec spec = { .wire = wire };
	struct kk_bytes message = { 0 };
	struct mls_commit_out out;
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_group_protect(w.m[1].group, kk_view_text("x"), none,
	    &message));
	flips_refused(&w.m[0], kk_bytes_view(&message));
	kk_bytes_clear(&message);
	CHECK_OK(mls_group_propose_update(w.m[1].group, wire, &message));
	flips_refused(&w.m[0], kk_bytes_view(&message));
	CHECK_OK(group_member_take(&w.m[2], kk_bytes_view(&message)));
	kk_bytes_clear(&message);
	CHECK_OK(group_member_commit(&w.m[2], &spec, &out));
	flips_refused(&w.m[0], kk_bytes_view(&out.commit));
	CHECK_OK(group_member_take(&w.m[1], kk_bytes_view(&out.commit)));
	mls_commit_out_clear(&out);
	group_world_agree(&w, 3);
	group_world_clear(&w);
}

TEST(private_message_with_any_flipped_byte_changes_nothing)
{
	flip_each_kind(MLS_WIRE_PRIVATE);
}

TEST(public_message_with_any_flipped_byte_changes_nothing)
{
	flip_each_kind(MLS_WIRE_PUBLIC);
}

TEST(welcome_with_any_flipped_byte_lets_nobody_in)
{
	struct mls_commit_spec spec = { .add_count = 1 };
	struct mls_commit_out out;
	struct kk_view offer, welcome;
	struct group_world w;

	group_world_of(&w, 2, 2);
	offer = group_member_offer(group_world_member(&w, 2));
	spec.adds = &offer;
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	welcome = kk_bytes_view(&out.welcome);
	for (size_t i = 0; i < out.welcome.bytes; i += 7) {
		out.welcome.data[i] ^= 0x04;
		CHECK_FAIL(group_member_join(&w.m[2], welcome, none));
		out.welcome.data[i] ^= 0x04;
		CHECK_FAIL(group_member_join(&w.m[2],
		    kk_view_of(welcome.data, i), none));
	}
	CHECK(w.m[2].group == NULL);
	w.m[3] = (struct group_member){ 0 };
	(void)group_member_offer(group_world_member(&w, 3));
	CHECK_ERR(group_member_join(&w.m[3], welcome, none), KK_ENOKEY);
	CHECK_OK(group_member_join(&w.m[2], welcome, none));
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(group_info_with_any_flipped_byte_lets_nobody_in)
{
	struct kk_bytes info = { 0 }, commit = { 0 };
	struct mls_staged *staged = NULL;
	struct group_member *m;
	struct group_world w;

	group_world_of(&w, 2, 2);
	m = group_world_member(&w, 2);
	CHECK_OK(mls_group_info_message(w.m[0].group, true, true, &info));
	for (size_t i = 0; i < info.bytes; i += 11) {
		enum kk_err err;

		info.data[i] ^= 0x04;
		err = mls_group_join_external(&staged, &commit, m->client,
		    kk_bytes_view(&info), none, MLS_NO_LEAF, NULL, 0,
		    GROUP_NOW_S);
		info.data[i] ^= 0x04;
		if (err)
			continue;
		/* Only what signatures cover gets this far. */
		CHECK_ERR(crypto_checks_run(mls_staged_checks(staged)),
		    KK_EVERIFY);
		CHECK_ERR(mls_staged_take_group(staged, &m->group), KK_EVERIFY);
		mls_staged_free(staged);
		kk_bytes_clear(&commit);
		staged = NULL;
	}
	kk_bytes_clear(&info);
	group_world_clear(&w);
}

TEST(message_of_another_group_or_kind_is_refused)
{
	struct kk_bytes message = { 0 };
	struct group_world w;
	struct mls_group *other = NULL;

	group_world_of(&w, 2, 2);
	CHECK_OK(mls_group_new(&other, w.m[0].client, kk_view_text("other"),
	    none, GROUP_NOW_S));
	CHECK_OK(mls_group_protect(other, kk_view_text("x"), none, &message));
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&message)),
	    KK_EGROUP);
	kk_bytes_clear(&message);
	CHECK_OK(kk_bytes_copy(&message, group_member_offer(&w.m[1])));
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&message)),
	    KK_EINVAL);
	kk_bytes_clear(&message);
	mls_group_free(other);
	group_world_clear(&w);
}
