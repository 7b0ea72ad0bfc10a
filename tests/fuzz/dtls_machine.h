/*
 * dtls_machine.h - a machine under fuzz and its honest peer.
 *
 * The first byte chooses the backends and cookies.  Then operations, a byte
 * each: pass what is on its way between the two; give the machine a datagram
 * as it stands in the input; give it a real one with some bytes changed; let
 * time pass; close.  So any datagram can come in any state.  Whatever comes,
 * two machines that are done have the same keys.
 */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "dtls/dtls.h"

enum { FUZZ_NOW_S = 1795000000, FUZZ_DAY_S = 86400, FUZZ_OPS_MAX = 40 };

enum fuzz_op {
	FUZZ_PASS,
	FUZZ_RAW,
	FUZZ_CHANGE,
	FUZZ_TICK,
	FUZZ_CLOSE,
	FUZZ_OP_COUNT
};

struct fuzz {
	struct dtls *machine; /* under fuzz */
	struct dtls *peer;
	uint64_t now_ms;
	struct kk_reader in;
};

static inline void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* Made once: a key pair takes longer than an input. */
static inline const struct dtls_identity *identity_of(unsigned which)
{
	static struct dtls_identity *made[4];
	enum dtls_backend backend = which & 1 ? DTLS_BACKEND_MBEDTLS :
						DTLS_BACKEND_OPENSSL;

	if (!dtls_backend_is_here(backend))
		backend = backend == DTLS_BACKEND_OPENSSL ?
		    DTLS_BACKEND_MBEDTLS :
		    DTLS_BACKEND_OPENSSL;
	if (!made[which])
		must(!dtls_identity_new(&made[which], backend, FUZZ_NOW_S,
		    FUZZ_DAY_S));
	return made[which];
}

static inline struct dtls *machine_new(const struct dtls_identity *own,
    const struct dtls_identity *peer, enum dtls_role role, bool has_cookies)
{
	static const uint8_t secret[DTLS_COOKIE_SECRET_BYTES];
	struct dtls_config config = { .role = role };
	struct dtls *machine;

	config.fingerprints = (const uint8_t(*)[DTLS_FINGERPRINT_BYTES])
	    dtls_identity_fingerprint(peer);
	config.fingerprint_count = 1;
	if (has_cookies && role == DTLS_SERVER) {
		config.address = kk_view_text("fuzz");
		config.cookie_secret = kk_view_of(secret, sizeof(secret));
	}
	must(!dtls_new(&machine, own, &config, FUZZ_NOW_S));
	return machine;
}

/* One datagram from one to the other, changed at some place. */
static inline bool pass_one(struct fuzz *f, struct dtls *from, struct dtls *to,
    size_t at, struct kk_view with)
{
	uint8_t out[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = sizeof(out);
	enum kk_err err;

	if (dtls_take(from, out, &bytes))
		return false;
	for (size_t i = 0; i < with.bytes && at + i < bytes; i++)
		out[at + i] ^= with.data[i];
	err = dtls_input(to, kk_view_of(out, bytes), f->now_ms);
	must(!err || dtls_state(to) == DTLS_FAILED ||
	    dtls_state(to) == DTLS_CLOSED);
	return true;
}

static inline void pass_all(struct fuzz *f)
{
	const struct kk_view none = { NULL, 0 };

	while (pass_one(f, f->machine, f->peer, 0, none))
		continue;
	while (pass_one(f, f->peer, f->machine, 0, none))
		continue;
}

static inline void raw(struct fuzz *f)
{
	struct kk_view datagram = kk_read_raw(&f->in, kk_read_u16(&f->in));
	/* Of just its size, so that reading over its end is seen. */
	uint8_t *copy = calloc(1, datagram.bytes ? datagram.bytes : 1);

	must(copy);
	if (datagram.bytes > 0)
		memcpy(copy, datagram.data, datagram.bytes);
	(void)!dtls_input(f->machine, kk_view_of(copy, datagram.bytes),
	    f->now_ms);
	free(copy);
}

static inline void step(struct fuzz *f)
{
	size_t at;

	switch (kk_read_u8(&f->in) % FUZZ_OP_COUNT) {
	case FUZZ_PASS:
		pass_all(f);
		break;
	case FUZZ_RAW:
		raw(f);
		break;
	case FUZZ_CHANGE:
		at = kk_read_u16(&f->in) % DTLS_DATAGRAM_MAX_BYTES;
		(void)pass_one(f, f->peer, f->machine, at,
		    kk_read_raw(&f->in, kk_read_u8(&f->in) % 16));
		break;
	case FUZZ_TICK:
		f->now_ms += 100 * (uint64_t)kk_read_u8(&f->in);
		(void)!dtls_tick(f->machine, f->now_ms);
		(void)!dtls_tick(f->peer, f->now_ms);
		break;
	default:
		dtls_close(kk_read_u8(&f->in) & 1 ? f->peer : f->machine);
	}
}

static inline void check_keys(struct fuzz *f)
{
	struct dtls_srtp_keys a, b;

	must((dtls_error(f->machine) != KK_OK) ==
	    (dtls_state(f->machine) == DTLS_FAILED));
	if (dtls_state(f->machine) != DTLS_DONE ||
	    dtls_state(f->peer) != DTLS_DONE)
		return;
	must(!dtls_keys_take(f->machine, &a) && !dtls_keys_take(f->peer, &b));
	must(a.profile == b.profile);
	must(memcmp(a.client_key, b.client_key, sizeof(a.client_key)) == 0);
	must(memcmp(a.server_key, b.server_key, sizeof(a.server_key)) == 0);
}

static inline void fuzz_run(enum dtls_role role, struct kk_view in)
{
	const struct dtls_identity *own, *other;
	struct fuzz f = { 0 };
	uint8_t choice;

	kk_reader_init(&f.in, in);
	choice = kk_read_u8(&f.in);
	own = identity_of(choice & 1);
	other = identity_of(2 + (choice >> 1 & 1));
	f.machine = machine_new(own, other, role, choice & 4);
	f.peer = machine_new(other, own,
	    role == DTLS_CLIENT ? DTLS_SERVER : DTLS_CLIENT, choice & 4);
	(void)!dtls_start(role == DTLS_CLIENT ? f.machine : f.peer, 0);
	for (unsigned n = 0; n < FUZZ_OPS_MAX && kk_reader_more(&f.in); n++)
		step(&f);
	check_keys(&f);
	dtls_free(f.machine);
	dtls_free(f.peer);
}
