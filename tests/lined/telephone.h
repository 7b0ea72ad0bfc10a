/* telephone.h - a telephone that is not ours: baresip, without a sound card,
 * with a tone as its voice and a recording of what it heard. */
#pragma once
#include "sip.h"

enum { VOICE_HZ = 900, TELEPHONE_KEYS = 32 };

struct telephone {
	const char *codec,
	    *module; /* as its accounts name one, and who has it */
	unsigned hz, channels;
	/* What follows the address in its account, each with a ';' before it.
	 */
	const char *account;
	const char *host; /* "127.0.0.1" or "[::1]" */
	const char *at; /* where its name is known: host, or host:port */
	const char *ca; /* a file, or NULL */
	bool is_deaf; /* it records nothing */
	char folder[64];
	uint16_t sip, port, control; /* of its console, and its orders */
	int fd; /* to it */
	pid_t pid;
};

void telephone_start(struct world *w, struct telephone *t);
void telephone_stop(struct telephone *t);
/* As its module ctrl_tcp takes them: "dial", "accept", ... */
void telephone_order(const struct telephone *t, const char *command,
    const char *parameters);
void telephone_press(struct world *w, const struct telephone *t,
    const char *keys);
void telephone_hang_up(const struct telephone *t);
/* Has it said so by now, and how often? */
unsigned telephone_count(const struct telephone *t, const char *words);
bool telephone_has_said(const struct telephone *t, const char *words);
/* How many ticks of its recording are a tone. */
unsigned telephone_heard(const struct telephone *t, double hz);

/* The keys that it says have come.  Of baresip 1.1 these are those that went
 * down: it drops the ends of events, and so the second of two that are the
 * same. Gives how many. */
size_t telephone_got(const struct telephone *t, char keys[TELEPHONE_KEYS]);

/* agent.pem and cafile.pem, for 127.0.0.1. */
void certificate_make(const char *folder);
void voice_write(const char *path, unsigned hz, unsigned channels);

/* Is it in the file at all, and how often? */
unsigned file_count(const char *path, const char *words);
