/*
 * client.h - a subscription that is made again whenever it ends.  One thread.
 */
#pragma once
#include <systemd/sd-event.h>
#include <systemd/sd-json.h>
#include <systemd/sd-varlink.h>

#include "base/base.h"

struct client {
	sd_event *event;
	const char *path, *method;
	int64_t priority; /* of what comes, in the loop (sd-event(3)) */
	/* What came; borrowed. */
	void (*came)(void *arg, sd_json_variant *what);
	void (*lost)(void *arg); /* NULL: nobody wants to know */
	void *arg;
	const struct kk_log *log;
	/* client.c's own. */
	sd_varlink *link; /* NULL: not connected */
	sd_event_source *retry;
	bool is_told;
};

/* The fields above are set.  Errors: KK_EIO. */
MUST_CHECK enum kk_err client_start(struct client *client);
void client_stop(struct client *client); /* zeroed is fine */

/*
 * One call, over a connection of its own, which *linkp has until answered()
 * closes it.  in is borrowed.  Errors: KK_EIO nobody is there.
 */
MUST_CHECK enum kk_err client_ask(const struct client *client,
    sd_varlink **linkp, const char *method, sd_json_variant *in,
    sd_varlink_reply_t answered, void *arg);
