/*
 * event.h - what wpa_supplicant(8) says of a port, and what that means.  Pure.
 */
#pragma once
#include "base/base.h"

enum port_state {
	PORT_STARTING, /* nothing was heard of the network's server yet */
	PORT_ASKED, /* it asks who we are */
	PORT_OPEN, /* it knows us */
	PORT_NO_ANSWER,
	PORT_SERVER_UNTRUSTED, /* its certificate leads to none of our anchors
				*/
	PORT_SERVER_NAME, /* it has another name */
	PORT_SERVER_DATE, /* it is over, not good yet, or our clock is wrong */
	PORT_SERVER_BAD, /* its certificate is wrong in another way */
	PORT_OURS_DATE, /* so is ours */
	PORT_OURS_UNKNOWN, /* the server does not know who has issued ours */
	PORT_REFUSED, /* it wants this box or its certificate no longer */
	PORT_UNUSABLE, /* key, certificate or anchors cannot be used here */
	PORT_NO_CERTIFICATE, /* there is none yet */
	PORT_STATES
};

/* Zeroed it is at its beginning. */
struct port_watch {
	enum port_state state;
	enum port_state fault; /* of the attempt that goes on; 0: none */
};

/*
 * Reads a line that wpa_supplicant has written, without its end.  Most say
 * nothing.  True: the state is another one.
 * Source: wpa_supplicant 2.10, src/common/wpa_ctrl.h.
 */
bool port_line(struct port_watch *w, struct kk_view line);

/* So long nothing was heard. */
bool port_silence(struct port_watch *w);

/* A word for scripts, and a sentence for people; never NULL. */
const char *port_state_name(enum port_state state);
const char *port_state_text(enum port_state state, bool is_german);
/* PORT_STATES: none of them. */
enum port_state port_state_of(struct kk_view name);
