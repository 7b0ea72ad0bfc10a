/*
 * driver.h - the inside of konklave-update.  Zone: boot.  One thread.
 *
 * The machine of firmware/update decides; here are its hands: programs that are
 * run (rauc, konklave-boot), a worker that reads a bundle and writes a slot,
 * who loads one from a server, the meeting, the clock, and those who ask.
 */
#pragma once
#include <sys/types.h>

#include "boot/boot.h"
#include "bundle/bundle.h"
#include "call/call.h"
#include "program/notice.h"
#include "program/options.h"
#include "program/program.h"
#include "update/update.h"

enum driver_role { DRIVER_CONTROL, DRIVER_ROLES };

enum {
	DRIVER_BOARD_BYTES = 80,
	DRIVER_PATH_BYTES = 512,
	DRIVER_WORDS_MAX = 2, /* a command and its own word */
	DRIVER_RESTART_SECONDS = 10, /* in which a meeting may still begin */
	DRIVER_MEETING_LOST_SECONDS = 60 /* roomd is not there: no meeting */
};

struct driver_options {
	const char *state; /* folder of its own, on the data partition */
	const char *os_release, *cmdline, *boot_id;
	const char *rauc, *rauc_conf, *boot, *reboot; /* programs */
	const char *slot[BOOT_SLOTS]; /* devices */
	const char *esp, *esp_device; /* where it is; NULL: mounted there */
	const char *fsck; /* of its file system, a program */
	const char *fallback; /* what starts where no variable is left */
	const char *roomd; /* its socket for faces, or NULL */
	const char *fetch; /* konklave-fetch's socket */
	const char *fetched; /* the file that it leaves */
	const char *notices; /* a folder: what the room's picture tells */
	unsigned health_seconds, restart_seconds, lost_seconds;
	struct program_role roles[DRIVER_ROLES];
	const char *word[DRIVER_WORDS_MAX];
	size_t words;
	bool is_json, is_done;
};

/* Errors: KK_EINVAL, and it was said what is wrong. */
MUST_CHECK enum kk_err driver_options_parse(struct driver_options *o, int argc,
    char **argv);

/*
 * What is known of this boot (facts.c).
 */
struct facts {
	enum boot_slot running, next;
	uint64_t version, floor;
	bool is_try; /* never confirmed */
	bool is_confirmed; /* in this boot */
	char boot_id[64];
};

/* konklave-boot's answer to status.  Errors: KK_EFORMAT. */
MUST_CHECK enum kk_err facts_status_parse(struct facts *f, const char *text);
/* konklave.version= of a command line; 0: there is none. */
uint64_t facts_version_parse(const char *text);
/* "konklave-" and IMAGE_ID of an os-release(5).  Errors: KK_EFORMAT. */
MUST_CHECK enum kk_err facts_board_parse(char out[DRIVER_BOARD_BYTES],
    const char *text);
/* Errors: KK_EIO, KK_EFORMAT, KK_ELIMIT, KK_ENOENT. */
MUST_CHECK enum kk_err facts_read(const struct driver_options *o,
    struct facts *f);
MUST_CHECK enum kk_err facts_board_read(const struct driver_options *o,
    char out[DRIVER_BOARD_BYTES]);

/*
 * What was installed and not tried yet, a file over restarts (tried.c): a boot
 * of another slot finds it, and so knows that it came back.
 */
struct tried {
	enum boot_slot slot;
	uint64_t version;
	char boot_id[64]; /* of the boot in which it was installed */
};

enum { TRIED_BYTES = 128 };

/* Errors: KK_EFORMAT. */
MUST_CHECK enum kk_err tried_parse(struct tried *t, const char *text);
/* Errors: KK_ENOENT, KK_EFORMAT, KK_EIO, KK_ELIMIT, KK_ENOMEM. */
MUST_CHECK enum kk_err tried_read(int folder, struct tried *t);
/* Whole, or as before.  Errors: KK_EIO. */
MUST_CHECK enum kk_err tried_write(int folder, const struct tried *t);
void tried_remove(int folder);

/* The version that was tried and did not work, 0: none (tried.c): nothing
 * installs it by itself again. */
uint64_t failed_parse(const char *text);
uint64_t failed_read(int folder);
MUST_CHECK enum kk_err failed_write(int folder, uint64_t version);

/*
 * A bundle (bundle.c, info.c).
 */
enum { BUNDLE_INFO_BYTES = 65536 };

struct bundle_info {
	char board[DRIVER_BOARD_BYTES];
	uint64_t version;
};

/* What `rauc info --output-format=json` says.  Errors: KK_EFORMAT no JSON, or
 * not a bundle of ours in the verity format. */
MUST_CHECK enum kk_err bundle_info_parse(struct bundle_info *info,
    const char *text);

struct shared { /* with a worker */
	unsigned percent;
	enum update_reason reason; /* NOTHING: it is done */
	uint64_t version;
};

/* A bundle, or a folder with konklave-BOARD.raucb. */
struct bundle_source {
	const char *path; /* a name alone, where a file is given */
	int fd; /* borrowed, or -1 */
};

/*
 * Copies it into our own folder, has all of it verified, and takes it apart
 * there, for the slot that does not run.  Gives what is wrong,
 * UPDATE_SAYS_NOTHING: nothing is.
 */
enum update_reason bundle_check(const struct driver_options *o,
    const struct bundle_source *from, const char *board, const struct facts *f,
    uint64_t *version);
/* Nothing is left of a bundle in our folder. */
void bundle_drop(const struct driver_options *o);

/*
 * The slot that does not run (slot.c): konklave-boot says that it is empty,
 * then it gets what bundle_check() has taken apart, on the disk and read again.
 * Errors: KK_ESTATE konklave-boot refuses, and nothing was written; KK_ENOSPC
 * the slot is too small, and nothing was written to it; KK_EIO, KK_EVERIFY,
 * KK_ETRUNC.
 */
MUST_CHECK enum kk_err slot_write(const struct driver_options *o,
    const struct facts *f, struct shared *shared);

enum { UKI_BYTES_MAX = 1 << 26 };

/* Files (copy.c): bytes from one to the other, at their places, and on the
 * disk; then they are compared.  Errors: KK_EIO, KK_EVERIFY, KK_ETRUNC one ends
 * early or is not there any more. */
struct copy {
	int from, to;
	uint64_t bytes;
	struct shared *shared; /* gets percent, or NULL */
};

MUST_CHECK enum kk_err copy_bytes(const struct copy *c);
MUST_CHECK enum kk_err copy_compare(const struct copy *c);
/* slot.c: a file of what bundle_check() has taken apart; from and bytes of it.
 * copy_close() closes both.  Errors: KK_EIO. */
MUST_CHECK enum kk_err copy_part_open(const struct driver_options *o,
    const char *name, struct copy *c);
void copy_close(struct copy *c);

/*
 * The ESP (esp.c): kernel images of both slots, and the one that starts where
 * the firmware has lost its variables.  esp is its folder.
 */

/* While it is not mounted: what a cut of the power has left broken in it. */
void esp_repair(const struct driver_options *o);
/* All that is beside the kernel images goes. */
void esp_leftovers_remove(const struct driver_options *o, int esp);
/* That of a slot, which nothing starts, anew.
 * Errors: KK_EIO, KK_EVERIFY, KK_ETRUNC; there is none then, or all of it. */
MUST_CHECK enum kk_err esp_kernel_write(const struct driver_options *o, int esp,
    enum boot_slot slot);
/* What starts without variables is the running slot's.  Errors: as before; it
 * is then whole, as it was or as it is to be. */
MUST_CHECK enum kk_err esp_fallback_follow(const struct driver_options *o,
    int esp, enum boot_slot running);

/* A bundle's way from a server, as konklave-fetch tells it. */
struct download {
	enum update_fetch state;
	enum update_reason says; /* why there is none */
	char source[BUNDLE_URL_BYTES];
	uint64_t offered; /* version */
	uint64_t bytes, total, rate; /* a second */
	bool is_automatic;
};

/*
 * The running program.
 */
struct driver {
	struct driver_options options;
	struct kk_log log;
	sd_event *event;
	struct call_server *server;
	struct update *machine;
	int folder; /* its state */
	char board[DRIVER_BOARD_BYTES];
	struct facts facts;
	bool has_facts;
	uint64_t offered;
	char path[DRIVER_PATH_BYTES]; /* of the bundle */
	int bundle; /* the file itself, ours, or -1 */
	bool is_automatic; /* nobody has asked for this one */
	bool is_downloaded; /* it is konklave-fetch's */
	uint64_t failed; /* version */
	struct download download;
	sd_varlink *fetcher;
	struct shared *shared;
	pid_t worker; /* 0: none */
	enum update_action work; /* its */
	sd_event_source *worker_end, *health, *restart, *lost;
	sd_varlink *asker, *roomd; /* who waits for Install; the plan */
	bool is_roomd_gone;
	sd_event_source *roomd_again;
	struct notice told; /* to the room's picture */
	bool is_told;
	sd_event_source *pace; /* at which shares are told; NULL: none */
};

/* drive.c: the machine's events and actions. */
MUST_CHECK enum kk_err driver_begin(struct driver *d);
bool driver_event(struct driver *d, enum update_event event);
bool driver_refuse(struct driver *d, enum update_reason why);
/* Does what is to be done, and answers who waits. */
void driver_pump(struct driver *d);
/* Whether a bundle may be checked now. */
bool driver_may_begin(const struct driver *d);
/* Which one; path fits, fd becomes ours. */
void driver_source_set(struct driver *d, const char *path, int fd);
/* Was it confirmed by another hand meanwhile? */
void driver_look(struct driver *d);

/* told.c: how it stands, for the room's picture, where that is another word.
 * After told_again() also where it is the same: somebody waits for it. */
void told_update(struct driver *d);
void told_again(struct driver *d);

/* worker.c: a process of its own, for what takes long. */
MUST_CHECK enum kk_err worker_start(struct driver *d, enum update_action work);
void worker_kill(struct driver *d);

/* meeting.c */
MUST_CHECK enum kk_err meeting_watch(struct driver *d);
void meeting_forget(struct driver *d);

/*
 * download.c.  url "": what the profile's source has.  What was begun before
 * ends.
 */
void download_begin(struct driver *d, const char *url, bool is_automatic);
bool download_is_under_way(const struct driver *d);
/* False: there was none. */
bool download_end(struct driver *d, enum update_reason why);
void download_clear(struct driver *d); /* what the last one has said */
void download_drop(struct driver *d); /* the file */
void download_try(struct driver *d); /* installs what is ready, when it may */
void download_checked(struct driver *d, enum update_reason why);
/* info.c: what konklave-fetch tells.  Errors: KK_EFORMAT, KK_ELIMIT; *n is as
 * it was. */
MUST_CHECK enum kk_err download_parse(struct download *n, sd_json_variant *in);

/* serve.c */
MUST_CHECK enum kk_err serve_start(struct driver *d);
void serve_answer(struct driver *d); /* who waits, where it is over */
void serve_stop(struct driver *d);
extern const sd_varlink_interface serve_interface; /* interface.c */

/* daemon.c, client.c: give the program's status. */
int daemon_run(const struct driver_options *o, const struct kk_log *log);
int client_run(const struct driver_options *o);
/* `check`: without the daemon, nothing but a look. */
int check_run(const struct driver_options *o);
