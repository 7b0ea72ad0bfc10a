/* konklave_welcome.h - the inside of konklave-welcome.  Zone: setup. */
#pragma once
#include <systemd/sd-event.h>

#include "drivers/display/display.h"
#include "drivers/input/input.h"
#include "program/options.h"
#include "program/program.h"
#include "room/use.h"
#include "welcome/welcome.h"

/*
 * The folder that it shares with those who mount the stick and keep the
 * profile:
 *
 *     profile          what is to be kept, as long as that takes
 *     name, request    the request's name on the stick, without its ending
 *     stick/profile, anchors, chain   what a stick had; then stick/come
 */
#define EXCHANGE_PROFILE "profile"
#define EXCHANGE_NAME "name"
#define EXCHANGE_REQUEST "request"
#define EXCHANGE_STICK "stick"
#define EXCHANGE_COME "come"
#define EXCHANGE_ANCHORS "anchors"
#define EXCHANGE_CHAIN "chain"

enum {
	STEM_BYTES = 24, /* konklave-1a2b3c4d */
	CHAIN_BYTES_MAX = 65536,
	REQUEST_BYTES_MAX = 8192
};

struct options {
	const char *folder, *screen, *picture, *input, *keyd, *systemctl;
	const char *profile; /* what the box has */
	const char *tpm; /* the kernel's file of one */
	const char *lines_keyd, *roomd;
	const char *notices; /* a folder, for the room's picture */
	unsigned lost_s; /* so long it is not known whether a meeting is on */
	const char *verb, *stick; /* "": the screen itself */
	unsigned width,
	    height; /* of --picture, or where the screen takes any */
	bool is_done;
};

/* Errors: KK_EINVAL, and it was said what is wrong. */
MUST_CHECK enum kk_err options_parse(struct options *o, int argc, char **argv);

/* --- what is on the screen (picture.c) ------------------------------------ */

struct picture;

/* Where no screen is there, it waits for one.  Errors: those of display_open()
 * but KK_ENOENT. */
MUST_CHECK enum kk_err picture_open(struct picture **picturep,
    const struct options *o);
void picture_close(struct picture *picture); /* NULL is fine */
/* Draws and shows it, on a screen that may have come meanwhile, and tells the
 * service manager how many there were. */
void picture_draw(struct picture *picture, const struct welcome_view *view);

/* --- keyd (keys.c) -------------------------------------------------------- */

/* Errors: those of keyd, KK_EIO it does not answer. */
MUST_CHECK enum kk_err keys_ask(const char *socket, struct welcome_key *key);
/* Why it does not, as its unit says ("trouble=WORD ..." of keyd(8)). */
enum welcome_trouble keys_trouble(const char *systemctl);
MUST_CHECK enum kk_err keys_request(const char *socket, struct kk_bytes *pem);
MUST_CHECK enum kk_err keys_install(const char *socket, struct kk_view pem);

/* Whether it would be taken, and its end; that of the one in force (0: none);
 * and into force, whatever meetings keyd has. */
MUST_CHECK enum kk_err keys_check(const char *socket, struct kk_view pem,
    uint64_t *until_s);
MUST_CHECK enum kk_err keys_end(const char *socket, uint64_t *until_s);
MUST_CHECK enum kk_err keys_replace(const char *socket, struct kk_view pem);

/* A request's name by the key's fingerprint.  False: it is none. */
bool keys_stem(const char *fingerprint, char stem[STEM_BYTES]);

/* --- a stick's folder, for who has mounted it (stick.c) ------------------- */

/* What is there, into the exchange; and the request onto the stick.
 * Errors: KK_EIO, KK_ENOENT there is no request, KK_ENOMEM. */
MUST_CHECK enum kk_err stick_read(const char *exchange, const char *stick);
MUST_CHECK enum kk_err stick_write(const char *exchange, const char *stick);

/* A file, or its absence.  Errors: those of folder_read() but KK_ENOENT. */
MUST_CHECK enum kk_err file_take(int from, const char *name, size_t max_bytes,
    int to, const char *as);

/* A folder, to be closed; -1. */
int folder_open(const char *path, const char *below);

/* As program_file_read_in(), and KK_ENOENT. */
MUST_CHECK enum kk_err folder_read(int folder, const char *name,
    size_t max_bytes, struct kk_bytes *out);

/* --- a box that is set up already (enrol.c, meeting.c) -----------------------
 */

enum enrol_word {
	ENROL_WAITS,
	ENROL_NO_NEWER,
	ENROL_PUT,
	ENROL_PUT_LINES,
	ENROL_NOT_PUT,
	ENROL_WORDS
};

/* Certificates for our keys, from a stick into the folder; requests for them,
 * onto a stick; and what is in the folder into force, once no meeting is on.
 * What comes of it is said.  Errors: KK_EIO, KK_ENOKEY no keyd answers, those
 * of keyd. */
MUST_CHECK enum kk_err enrol_look(const struct options *o);
MUST_CHECK enum kk_err enrol_ask(const struct options *o);
MUST_CHECK enum kk_err enrol_install(const struct options *o);

/* By what roomd says at its socket; without one the room is free. */
enum room_use meeting_ask(const char *socket);

/* --- what is done (acts.c) ------------------------------------------------ */

struct acts;

/* told() is called once for each act, from the loop. */
typedef void acts_told(void *arg, enum welcome_act act, enum kk_err err);

/* o is borrowed.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err acts_new(struct acts **actsp, sd_event *event,
    const struct options *o, acts_told *told, void *arg);
void acts_free(struct acts *acts); /* NULL is fine */

/* One at a time; WELCOME_INSTALL may come while another one ends.  w is asked
 * by WELCOME_KEEP alone. */
void acts_begin(struct acts *acts, enum welcome_act act,
    const struct welcome *w);
