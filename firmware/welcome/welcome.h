/*
 * welcome.h - the first-boot screen: its pages, what is typed, and what a stick
 * says.  Zone: setup.  One thread.
 *
 * Pure: events go in, a view and an act come out.  What is kept in the end is a
 * profile (profile/profile.h), checked and written by its own functions;
 * nothing is kept before somebody has said yes to all of it.
 */
#pragma once
#include "drivers/input/input.h"
#include "profile/profile.h"

enum welcome_page {
	WELCOME_LANGUAGE,
	WELCOME_NAME,
	WELCOME_NETWORK,
	WELCOME_ACCESS, /* more of the network */
	WELCOME_SERVER,
	WELCOME_REVIEW,
	WELCOME_STICK, /* what a stick's profile says, in place of any of them
			*/
	WELCOME_ENROL,
	WELCOME_PAGES
};

const char *welcome_page_name(enum welcome_page page); /* "language", ... */

/* What is to be done now; welcome_told() says how it went.  Until then events
 * change nothing. */
enum welcome_act {
	WELCOME_NOTHING,
	WELCOME_KEEP, /* keep welcome_profile(), and work by it */
	WELCOME_WRITE, /* the request, onto the stick */
	WELCOME_READ, /* the stick, once more */
	WELCOME_INSTALL, /* the stick's certificates */
	WELCOME_FINISH, /* end: nothing is told */
	WELCOME_ACTS
};

enum welcome_kind {
	WELCOME_FIELD, /* a label, a value that may be typed */
	WELCOME_CHOICE,
	WELCOME_BUTTON,
	WELCOME_KEY, /* of the keyboard on the screen */
	WELCOME_TYPED, /* the text that is typed now; no focus from here on */
	WELCOME_LINE, /* a label, a value */
	WELCOME_FINGERPRINT
};

enum {
	WELCOME_ITEMS_MAX = 80,
	WELCOME_LABEL_BYTES = 96,
	WELCOME_TEXT_BYTES = 640,
	WELCOME_FINGERPRINT_BYTES = 128,
	WELCOME_UNATTENDED_S = 30 /* nobody has pressed anything */
};

struct welcome_item {
	enum welcome_kind kind;
	int number; /* a key of the profile, a button, a letter: private */
	int option; /* of a choice */
	double x, y, width, height; /* 0 to 1 of the screen */
	char label[WELCOME_LABEL_BYTES];
	char value[PROFILE_SHOWN_BYTES];
	bool is_chosen; /* a choice that is taken, a shift that is on */
};

struct welcome_view {
	enum welcome_page page;
	bool is_german, is_bad; /* message tells what is wrong */
	char title[WELCOME_LABEL_BYTES];
	char hint[WELCOME_TEXT_BYTES];
	char message[WELCOME_TEXT_BYTES]; /* may be "" */
	struct welcome_item items[WELCOME_ITEMS_MAX];
	size_t item_count;
	int focus; /* of items; -1: none, something is being done */
};

struct welcome;

/* Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err welcome_new(struct welcome **wp);
void welcome_free(struct welcome *w); /* wipes; NULL is fine */

/* What the box has already, where it is set up again.  What cannot be read
 * counts for nothing. */
void welcome_begin(struct welcome *w, struct kk_view stored);

const struct welcome_view *welcome_view(const struct welcome *w);

enum welcome_act welcome_press(struct welcome *w,
    const struct input_event *event);

/* A stick was read: konklave.conf, ca.pem, whether it has this box's
 * certificates.  Texts are copied; empty ones are not there. */
struct welcome_stick {
	struct kk_view profile, anchors;
	bool has_chain;
};
enum welcome_act welcome_stick(struct welcome *w,
    const struct welcome_stick *stick);

/* A second has passed.  While nobody has pressed anything, a stick's profile is
 * taken by itself: a box may have nothing to press. */
enum welcome_act welcome_second(struct welcome *w);
bool welcome_counts_down(const struct welcome *w);

/* What WELCOME_KEEP keeps; borrowed until the next call. */
struct kk_view welcome_profile(const struct welcome *w);

/* How the taking of a certificate went, in a sentence or two. */
const char *welcome_install_text(enum kk_err err, bool is_german);

/* How an act went. */
void welcome_told(struct welcome *w, enum welcome_act act, enum kk_err err);

/* Whether the box has a TPM that can be used; before that is told it has. */
void welcome_tpm_told(struct welcome *w, bool is_there);

/* Why the box has no key: what the profile wants it in is not there. */
enum welcome_trouble {
	WELCOME_NO_TROUBLE,
	WELCOME_NO_TPM,
	WELCOME_NO_CURVE, /* a device without that which meetings need */
	WELCOME_NO_TOKEN,
	WELCOME_NO_PIN, /* none, or a wrong one, or it is locked */
	WELCOME_NO_KEY, /* all else */
	WELCOME_TROUBLES
};

/* The box's key, as keyd says it.  is_verified: name is its certificate's. */
struct welcome_key {
	char
	    fingerprint[WELCOME_FINGERPRINT_BYTES]; /* in blocks; "": unknown */
	char name[PROFILE_VALUE_MAX + 1];
	bool is_verified;
	enum welcome_trouble trouble; /* where there is no fingerprint */
};
void welcome_key_told(struct welcome *w, const struct welcome_key *key);
