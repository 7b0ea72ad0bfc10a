/* sip.h - a telephone's SIP, as little of it as a call over UDP takes, for
 * tests of the program.  Checks end a test. */
#pragma once
#include "world.h"

enum { SIP_TEXT = 8192 };

struct sip {
	int fd;
	char address[16];
	uint16_t own, to;
	unsigned cseq;
	char tag[64]; /* of the other end, with ";tag=" in front */
	char text[SIP_TEXT]; /* what came last */
	unsigned status; /* of it; 0: a request, or nothing */
};

/* A port of UDP and TCP that is free now; fd: NULL, or a socket of UDP there.
 */
uint16_t port_take(int *fd);

void sip_open(struct sip *s, uint16_t to);
void sip_open_at(struct sip *s, const char *address, uint16_t to);
void sip_close(struct sip *s);
void sip_send(struct sip *s, const char *method, const char *body);
void sip_cancel(struct sip *s); /* the INVITE that was sent last */
void sip_step(struct sip *s); /* reads what has come */

#define SIP_UNTIL(w, s, condition)     \
	do {                           \
		while (!(condition)) { \
			world_step(w); \
			sip_step(s);   \
		}                      \
	} while (0)

/* Sends it, again where no answer comes, until there is a final one. */
void sip_ask(struct world *w, struct sip *s, const char *method,
    const char *body);
/* Calls lined, which answers, and lets p have the answer. */
void sip_invite(struct world *w, struct sip *s, struct phone *p);
