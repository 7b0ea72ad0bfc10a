/*
 * postbox.h - jobs from other threads, done in an event loop in their order.
 *
 * A job is its poster's memory until it runs; then the function has it.  No
 * job is lost or refused: what is posted runs, at the latest when the box is
 * freed.
 */
#pragma once
#include <systemd/sd-event.h>

#include "base/base.h"

struct postbox;
struct postbox_job {
	struct postbox_job *next;
	void (*run)(struct postbox_job *job); /* in the loop's thread */
};

/* Errors: KK_ENOMEM, KK_EIO. */
MUST_CHECK enum kk_err postbox_new(struct postbox **boxp, sd_event *event);
/* Of the loop's thread, or when that has ended; nobody posts any more. */
void postbox_free(struct postbox *box); /* NULL is fine */
void postbox_post(struct postbox *box, struct postbox_job *job); /* any */
