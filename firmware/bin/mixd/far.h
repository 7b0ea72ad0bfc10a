/*
 * far.h - the conference's members, as the telephone lines hear them: sealed
 * packets in, ticks of sound out.  Locked inside: any thread.  now_us is
 * CLOCK_MONOTONIC's.
 *
 * Whose a packet is, the key under which it opens says, not the forwarder.  It
 * is heard where that is somebody of the group, and not from an epoch before
 * that one came.  Packets of one member are put in order and delayed by as much
 * as its way asks for (phone/phone.h).
 */
#pragma once
#include "base/base.h"
#include "mix/mix.h"
#include "phone/phone.h"
#include "pipelines/elements/vault/vault.h"
#include "pipelines/member/plan.h"

enum {
	FAR_MEMBERS_MAX = 32, /* that are heard at once */
	/* A packet may come before its key, which comes another way.  Later
	 * than this it would be too late to be heard. */
	FAR_WAITING_MAX = 128,
	FAR_WAITING_US = PHONE_DELAY_MAX_MS * 1000
};

struct far;

/* vault is borrowed.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err far_new(struct far **fp, struct vault *vault);
void far_free(struct far *f); /* wipes; NULL is fine */

/* Who is there, in that epoch. */
void far_others_set(struct far *f, const struct plan_other *others,
    size_t count, uint64_t epoch);

/* An RTP packet of a slot of sound. */
void far_packet(struct far *f, struct kk_view packet, uint64_t now_us);
void far_retry(struct far *f, uint64_t now_us); /* a key has come */
void far_forget(struct far *f); /* all keys are gone */

/* What they say in the coming tick, into the mix. */
void far_tick(struct far *f, struct mix *mix, uint64_t now_us);

struct far_counts {
	uint64_t heard; /* packets that were of use */
	uint64_t dropped; /* of nobody here, seen before, wrong, too late */
	uint64_t waited; /* for their key */
};
struct far_counts far_counts(struct far *f);
