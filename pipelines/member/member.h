/*
 * member.h - the media end of a member of the group, whatever its media are:
 * what keyd and roomd tell it, its transport, what it reports, and the loop
 * that all of it runs in.  mediad and mixd are such ends.  Zones: media, mix.
 *
 *     member_new() -> what makes threads -> member_start() -> sd_event_loop()
 *         -> member_stop() -> what the callbacks need is freed -> member_free()
 *
 * One thread runs the loop and all calls, but those marked "any thread".
 */
#pragma once
#include <systemd/sd-event.h>

#include "base/base.h"
#include "pipelines/elements/vault/vault.h"
#include "pipelines/graphs/sizes.h"
#include "pipelines/member/plan.h"

struct member;

struct member_state { /* for roomd */
	bool is_speaking, has_microphone, has_camera;
	bool has_epoch, may_seal; /* of the vault */
};

/* All of them are there, but those that say so. */
struct member_calls {
	/* On the loop.  The plan is new; borrowed, and it stays until the next
	 * one comes.  Keys have been selected, transports come after it. */
	void (*plan_came)(void *arg, const struct plan *plan);
	void (*woken)(void *arg); /* after member_wake(); NULL: nothing to do */
	void (*ticked)(void *arg); /* once a second */
	/* As vault_epoch_set(), and forgetting all of them. */
	enum kk_err (*epoch_set)(void *arg, const struct vault_epoch *epoch);
	void (*epochs_clear)(void *arg);
	struct member_state (*state)(void *arg);

	/* On the link's thread; they must not block.  A packet of a slot. */
	void (*packet)(void *arg, uint32_t ssrc, struct kk_view packet);
	/* NULL: nobody wants to know.  As of link.h; ssrc 0: of all. */
	void (*key_frame_wanted)(void *arg, uint32_t ssrc);
	void (*room_changed)(void *arg, uint64_t bps);
};

struct member_config {
	const char *keyd, *roomd; /* sockets; borrowed */
	const struct kk_log *log; /* borrowed; written on any thread */
	/* Of the way to the forwarder; max_bps 0: it is not measured. */
	uint64_t start_bps, min_bps, max_bps;
	bool is_audio_only; /* slots of pictures are left alone */
	const struct member_calls *calls; /* borrowed */
	void *arg;
};

/*
 * Makes the loop, which ends with SIGTERM and SIGINT: before there is any
 * thread, so that all of them have these blocked.  On error *mp is left alone.
 * Errors: KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err member_new(struct member **mp,
    const struct member_config *config);
sd_event *member_event(struct member *m); /* borrowed */

/* Looks for keyd and roomd from now on.  sizes: of the camera's encodings;
 * NULL: there is no camera.  Errors: KK_EIO. */
MUST_CHECK enum kk_err member_start(struct member *m,
    const struct sizes *sizes);
/* Nothing is sent or received any more, and no callback comes. */
void member_stop(struct member *m);
void member_free(struct member *m); /* stopped; wipes; NULL is fine */

void member_wake(struct member *m); /* any thread: state() may have changed */
void member_report(struct member *m); /* the same, on the loop */

/* Of the link: "waiting", "connected" or "lost". */
const char *member_transport_state(struct member *m);
/* The last link that was lost, or is none, found no relay. */
bool member_has_no_relay(struct member *m);

void member_send(void *member, struct kk_view packet); /* any thread */
void member_key_frame_ask(void *member, uint32_t ssrc); /* any thread */
