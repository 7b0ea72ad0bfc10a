/* coturn.h - a TURN server that is not ours: coturn, on loopback. */
#pragma once
#include <sys/types.h>

#include "base/base.h"

#define COTURN_USER "room"
#define COTURN_PASSWORD "a password"
#define COTURN_SECRET "a secret that sites share with it"

/* Of its relays: no port that this system gives to anybody. */
enum { COTURN_PORT_MIN = 20000, COTURN_PORT_MAX = 20999 };

struct coturn {
	pid_t pid;
	char folder[32];
	uint16_t port; /* UDP and TCP */
};

/* Serves when it returns; with a secret, or else with a user.  Skips the test
 * where there is no coturn. */
void coturn_start(struct coturn *c, bool has_secret);
void coturn_stop(struct coturn *c);
