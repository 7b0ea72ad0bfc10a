/* core.c - the key core's operations, without WebAssembly. */
#include <string.h>

#include "harness/tap.h"
#include "meeting/meeting.h"
#include "mock/alloc.h"
#include "web/core/core.h"

enum { NOW_S = 1800000000, RANDOM_CALLS = 30000, RANDOM_BYTES = 48 };

/* A core with two clients, whose calls are written and run here. */
struct world {
	struct core *core;
	struct kk_writer in;
	struct kk_bytes out;
	struct kk_reader answer; /* of the last call */
	uint32_t clients[2];
};

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	CHECK_OK(core_new(&w->core));
	kk_writer_init(&w->in);
}

static void world_clear(struct world *w)
{
	kk_writer_clear(&w->in);
	kk_bytes_clear(&w->out);
	core_free(w->core);
}

/* Runs a call with each of its allocations failing, and then well. */
static enum kk_err call(struct world *w, enum core_op op)
{
	enum kk_err err;

	kk_bytes_clear(&w->out);
	ALLOC_FAULT_LOOP(err,
	    core_call(w->core, op, kk_writer_view(&w->in), &w->out));
	kk_reader_init(&w->answer, kk_bytes_view(&w->out));
	kk_writer_clear(&w->in);
	return err;
}

static uint32_t new_client(struct world *w, const char *name)
{
	uint32_t signer;

	kk_write_u16(&w->in, CRYPTO_ECDSA_P256_SHA256);
	CHECK_OK(call(w, CORE_signer_new));
	(void)kk_read_vec(&w->answer);
	signer = kk_read_u32(&w->answer);
	kk_write_u16(&w->in, 2);
	kk_write_u32(&w->in, signer);
	kk_write_u8(&w->in, 1); /* accepts basic credentials */
	kk_write_u16(&w->in, MLS_CREDENTIAL_BASIC);
	kk_write_vec(&w->in, kk_view_text(name));
	kk_write_vec(&w->in, (struct kk_view){ 0 });
	kk_write_u8(&w->in, 0);
	for (size_t i = 0; i < 6; i++)
		kk_write_u32(&w->in, 0);
	CHECK_OK(call(w, CORE_client_new));
	return kk_read_u32(&w->answer);
}

static uint32_t new_group(struct world *w, uint32_t client)
{
	kk_write_u32(&w->in, client);
	kk_write_vec(&w->in, kk_view_text("group"));
	kk_write_vec(&w->in, (struct kk_view){ 0 });
	kk_write_u64(&w->in, NOW_S);
	CHECK_OK(call(w, CORE_group_new));
	return kk_read_u32(&w->answer);
}

static void run_on(struct world *w, enum core_op op, uint32_t handle)
{
	kk_write_u32(&w->in, handle);
	CHECK_OK(call(w, op));
}

/* Adds the key package, gives the staged epoch and the welcome. */
static uint32_t commit_add(struct world *w, uint32_t group,
    struct kk_view key_package, struct kk_bytes *welcome)
{
	kk_write_u32(&w->in, group);
	for (size_t i = 0; i < 4; i++)
		kk_write_u8(&w->in, 0);
	kk_write_u16(&w->in, key_package.bytes > 0 ? 1 : 0);
	if (key_package.bytes > 0)
		kk_write_vec(&w->in, key_package);
	kk_write_u16(&w->in, 0);
	kk_write_u16(&w->in, 0);
	kk_write_u8(&w->in, 0);
	kk_write_u8(&w->in, 0);
	kk_write_vec(&w->in, (struct kk_view){ 0 });
	kk_write_u64(&w->in, NOW_S);
	CHECK_OK(call(w, CORE_group_commit));
	(void)kk_read_vec(&w->answer);
	kk_read_vec_copy(&w->answer, welcome);
	return kk_read_u32(&w->answer);
}

static uint32_t join(struct world *w, uint32_t client, uint32_t kp,
    const struct kk_bytes *welcome)
{
	uint32_t staged;

	kk_write_u32(&w->in, client);
	kk_write_u32(&w->in, kp);
	kk_write_vec(&w->in, kk_bytes_view(welcome));
	kk_write_vec(&w->in, (struct kk_view){ 0 });
	kk_write_u64(&w->in, NOW_S);
	CHECK_OK(call(w, CORE_group_join));
	staged = kk_read_u32(&w->answer);
	run_on(w, CORE_staged_run, staged);
	run_on(w, CORE_staged_take_group, staged);
	run_on(w, CORE_handle_free, kp);
	return staged; /* the group's, from now on */
}

/* Two members of one group. */
static void meet(struct world *w, uint32_t *a, uint32_t *b)
{
	uint32_t first = new_client(w, "a"), second = new_client(w, "b");
	struct kk_bytes kp_message = { 0 }, welcome = { 0 };
	uint32_t kp, staged;

	w->clients[0] = first;
	w->clients[1] = second;
	*a = new_group(w, first);
	kk_write_u32(&w->in, second);
	kk_write_u64(&w->in, NOW_S);
	CHECK_OK(call(w, CORE_key_package_new));
	kk_read_vec_copy(&w->answer, &kp_message);
	kp = kk_read_u32(&w->answer);
	staged = commit_add(w, *a, kk_bytes_view(&kp_message), &welcome);
	run_on(w, CORE_staged_run, staged);
	kk_write_u32(&w->in, *a);
	kk_write_u32(&w->in, staged);
	CHECK_OK(call(w, CORE_group_apply));
	*b = join(w, second, kp, &welcome);
	kk_bytes_clear(&kp_message);
	kk_bytes_clear(&welcome);
}

TEST(a_failed_allocation_is_an_error_of_each_call_and_loses_nothing)
{
	struct kk_bytes message = { 0 };
	struct world w;
	uint32_t a, b;

	world_init(&w);
	meet(&w, &a, &b);
	kk_write_u32(&w.in, a);
	kk_write_vec(&w.in, kk_view_text("hello"));
	kk_write_vec(&w.in, (struct kk_view){ 0 });
	CHECK_OK(call(&w, CORE_group_protect));
	kk_read_vec_copy(&w.answer, &message);
	kk_write_u32(&w.in, b);
	kk_write_vec(&w.in, kk_bytes_view(&message));
	kk_write_u64(&w.in, NOW_S);
	CHECK_OK(call(&w, CORE_group_process));
	(void)kk_read_raw(&w.answer, 1 + 1 + 4 + 8 + 2);
	CHECK(kk_view_equal(kk_read_vec(&w.answer), kk_view_text("hello")));
	kk_bytes_clear(&message);
	run_on(&w, CORE_group_state, b);
	run_on(&w, CORE_group_authenticator, b);
	run_on(&w, CORE_group_tree, b);
	world_clear(&w);
}

TEST(a_staged_join_is_a_group_when_it_is_taken)
{
	struct world w;
	uint32_t a, b;

	world_init(&w);
	meet(&w, &a, &b);
	kk_write_u32(&w.in, b);
	CHECK_ERR(call(&w, CORE_staged_state), KK_ENOENT);
	run_on(&w, CORE_group_state, b);
	run_on(&w, CORE_handle_free, b);
	kk_write_u32(&w.in, b);
	CHECK_ERR(call(&w, CORE_group_state), KK_ENOENT);
	world_clear(&w);
}

static uint32_t new_meeting(struct world *w)
{
	kk_write_vec(&w->in, kk_view_text("meeting id"));
	kk_write_vec(&w->in, kk_view_text("0123456789abcdef"));
	CHECK_OK(call(w, CORE_meeting_new));
	CHECK_EQ(kk_read_vec(&w->answer).bytes, MEETING_TOKEN_BYTES);
	CHECK_EQ(kk_read_vec(&w->answer).bytes, MEETING_PSK_ID_BYTES);
	return kk_read_u32(&w->answer);
}

TEST(a_meetings_calls_survive_each_failed_allocation)
{
	struct kk_bytes wrapped = { 0 };
	struct world w;
	uint32_t a, b, meeting;

	world_init(&w);
	meet(&w, &a, &b);
	meeting = new_meeting(&w);
	kk_write_u32(&w.in, meeting);
	kk_write_u8(&w.in, MEETING_HANDSHAKE);
	kk_write_vec(&w.in, kk_view_text("a commit"));
	CHECK_OK(call(&w, CORE_meeting_wrap));
	kk_read_vec_copy(&w.answer, &wrapped);
	kk_write_u32(&w.in, meeting);
	kk_write_vec(&w.in, kk_bytes_view(&wrapped));
	CHECK_OK(call(&w, CORE_meeting_unwrap));
	CHECK_EQ(kk_read_u8(&w.answer), MEETING_HANDSHAKE);
	CHECK(kk_view_equal(kk_read_vec(&w.answer), kk_view_text("a commit")));
	kk_bytes_clear(&wrapped);
	kk_write_u32(&w.in, meeting);
	kk_write_u32(&w.in, w.clients[0]);
	CHECK_OK(call(&w, CORE_meeting_admit));
	kk_write_u32(&w.in, meeting);
	kk_write_u32(&w.in, w.clients[0]);
	CHECK_ERR(call(&w, CORE_meeting_admit), KK_EEXIST);
	run_on(&w, CORE_client_psk_uses, w.clients[0]);
	run_on(&w, CORE_meeting_code, a);
	CHECK_EQ(kk_read_vec(&w.answer).bytes, MEETING_CODE_TEXT_BYTES - 1);
	world_clear(&w);
}

/* Of an empty state: version, flags, label, hosts, lines. */
static const uint8_t empty_state[] = { 1, 0, 0, 0, 0 };

static enum kk_err state_put(struct world *w, uint32_t group,
    struct kk_view state)
{
	kk_write_u32(&w->in, group);
	kk_write_vec(&w->in, state);
	return call(w, CORE_group_conference_put);
}

TEST(a_groups_state_is_read_and_put_where_it_has_one_form)
{
	static const uint8_t bad[] = { 1, 4, 0, 0, 0 };
	static const uint8_t put[] = { 0xff, 0x4b, 5, 1, 0, 0, 0, 0 };
	const struct kk_view good = kk_view_of(empty_state,
	    sizeof(empty_state));
	struct world w;
	uint32_t a, b;

	world_init(&w);
	meet(&w, &a, &b);
	run_on(&w, CORE_group_conference, a);
	CHECK(kk_view_equal(kk_read_vec(&w.answer), good));
	CHECK_OK(state_put(&w, a, good));
	CHECK(kk_view_equal(kk_read_vec(&w.answer),
	    kk_view_of(put, sizeof(put))));
	CHECK_ERR(state_put(&w, a, kk_view_of(bad, sizeof(bad))), KK_EFORMAT);
	CHECK_ERR(state_put(&w, a, kk_view_of(bad, 3)), KK_EFORMAT);
	CHECK_ERR(state_put(&w, a, kk_view_of(empty_state, 4)), KK_ETRUNC);
	world_clear(&w);
}

TEST(a_commit_is_held_against_the_state_before_it)
{
	struct kk_bytes welcome = { 0 };
	struct world w;
	uint32_t a, b, staged;

	world_init(&w);
	meet(&w, &a, &b);
	staged = commit_add(&w, a, (struct kk_view){ 0 }, &welcome);
	kk_write_u32(&w.in, a);
	kk_write_u32(&w.in, staged);
	CHECK_OK(call(&w, CORE_group_conference_check));
	kk_write_u32(&w.in, a);
	kk_write_u32(&w.in, b);
	CHECK_ERR(call(&w, CORE_group_conference_check), KK_ENOENT);
	kk_bytes_clear(&welcome);
	world_clear(&w);
}

/* xorshift32: the same calls each time */
static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* A handle that is there or not, and then anything, or nothing. */
static void write_random(struct kk_writer *in, uint32_t *state,
    const uint32_t *handles, uint32_t count)
{
	uint32_t bytes = next(state) % 2 ? next(state) % RANDOM_BYTES : 0;

	kk_write_u32(in, handles[next(state) % count]);
	for (uint32_t i = 0; i < bytes; i++)
		kk_write_u8(in,
		    next(state) % 4 ? next(state) % 3 : next(state) & 0xff);
}

TEST(random_calls_do_no_harm)
{
	uint32_t state = 2463534242u, a, b;
	size_t passed_count = 0;
	struct world w;

	world_init(&w);
	meet(&w, &a, &b);
	const uint32_t handles[] = { a, b, w.clients[0], w.clients[1],
		new_meeting(&w), 0, UINT32_MAX, a ^ 1 };
	for (size_t i = 0; i < RANDOM_CALLS; i++) {
		uint32_t op = next(&state) % CORE_OP_COUNT;

		if (op == CORE_handle_free)
			continue; /* the end of all that follows */
		write_random(&w.in, &state, handles, KK_ARRAY_LEN(handles));
		kk_bytes_clear(&w.out);
		if (!core_call(w.core, op, kk_writer_view(&w.in), &w.out))
			passed_count++;
		kk_writer_clear(&w.in);
	}
	CHECK(passed_count > RANDOM_CALLS / 100);
	run_on(&w, CORE_group_state, a);
	meet(&w, &a, &b);
	world_clear(&w);
}
