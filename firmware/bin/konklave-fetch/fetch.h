/*
 * fetch.h - the inside of konklave-fetch.  Zone: fetch.  One thread.
 *
 * Loads a bundle from a site's server into its own folder, and holds each part
 * of it against the signature as it comes.  It decides nothing: whoever
 * installs the file checks all of it again.
 */
#pragma once
#include <sys/types.h>

#include "bundle/bundle.h"
#include "call/call.h"
#include "profile/profile.h"
#include "program/options.h"
#include "program/program.h"
#include "update/update.h"

enum fetch_role { FETCH_CONTROL, FETCH_ROLES };

enum { FETCH_PATH_BYTES = 512 };

struct fetch_options {
	const char *state; /* folder of its own, on the data partition */
	const char *source; /* URL of the site's index, or NULL */
	const char *proxy; /* file with a URL, or NULL */
	const char *no_proxy; /* as a profile's, or NULL */
	const char *trust; /* anchors (PEM); NULL: those of the system */
	const char *rauc, *rauc_conf;
	unsigned rate_kb; /* a second; 0: as fast as it goes */
	unsigned tries, wait_ms; /* without progress; the first pause */
	unsigned stall_seconds; /* with less than 1 kB/s */
	unsigned reserve_mb; /* that stays free on the disk */
	struct program_role roles[FETCH_ROLES];
	bool is_done;
};

/* Errors: KK_EINVAL, and it was said what is wrong. */
MUST_CHECK enum kk_err fetch_options_parse(struct fetch_options *o, int argc,
    char **argv);

/* What is wanted, and for which box. */
struct fetch_ask {
	char url[BUNDLE_URL_BYTES]; /* of a bundle; "": what the source has */
	char board[BUNDLE_BOARD_BYTES];
	uint64_t version, floor; /* of the box */
	uint64_t except; /* a version that is not loaded; 0: none */
};

struct fetch_shared { /* by the worker, for who asks */
	enum update_fetch state;
	enum update_reason reason; /* NOTHING: it is there, and right */
	uint64_t offered; /* version */
	uint64_t bytes, total; /* verified, of all */
};

/*
 * HTTP (net.c).  https alone, no redirects, no cookies, nothing of the
 * environment; a proxy and trust as the options say.
 */
enum net_end {
	NET_WHOLE,
	NET_BROKEN, /* it may be tried again */
	NET_UNTRUSTED,
	NET_SERVER, /* not what was asked for */
	NET_STOPPED /* take() did not want it */
};

struct net_ask {
	const char *url;
	/* "FROM-TO" or "-LAST", as CURLOPT_RANGE takes it; NULL: the whole, of
	 * max_bytes at most. */
	const char *range;
	uint64_t max_bytes;
	/* Of the answer to a range; false: it is another one. */
	bool (*begins)(void *arg, const struct bundle_range *r);
	bool (*take)(void *arg, const uint8_t *data, size_t bytes);
	void *arg;
};

struct net;

/* Errors: KK_ENOMEM, KK_EIO, KK_EDENIED others could read the proxy's file,
 * KK_EFORMAT it is not a line of http://[USER:PASSWORD@]HOST[:PORT]. */
MUST_CHECK enum kk_err net_new(struct net **netp,
    const struct fetch_options *o);
void net_free(struct net *net); /* NULL is fine */
enum net_end net_get(struct net *net, const struct net_ask *ask);

/*
 * The file (part.c): bundle.part, until all of it is verified, then
 * bundle.raucb.  Of a file that is not whole the last bytes are there first.
 */
struct part {
	int folder, fd;
	char path[FETCH_PATH_BYTES];
};

/* What was there goes on as a part.  Errors: KK_EIO, KK_ELIMIT. */
MUST_CHECK enum kk_err part_open(struct part *p, const char *folder);
void part_close(struct part *p);
bool part_is_of(const struct part *p, struct kk_view tail, uint64_t bytes);
uint64_t part_stored_bytes(const struct part *p); /* on the disk */
/* Nothing in it but its end.  Errors: KK_EIO. */
MUST_CHECK enum kk_err part_begin(struct part *p, struct kk_view tail,
    uint64_t bytes);
MUST_CHECK enum kk_err part_write(struct part *p, const void *data,
    size_t bytes, uint64_t at);
bool part_read(const struct part *p, void *out, size_t bytes, uint64_t at);
MUST_CHECK enum kk_err part_sync(struct part *p);
MUST_CHECK enum kk_err part_finish(struct part *p); /* bundle.raucb, whole */
void part_remove(struct part *p);
/* Whatever is in the folder. */
void part_drop(const char *folder);

/*
 * All of it (load.c), in a process of its own.  Gives what is wrong,
 * UPDATE_SAYS_NOTHING: bundle.raucb is there.
 */
enum update_reason load_run(const struct fetch_options *o,
    const struct fetch_ask *ask, struct fetch_shared *shared);

/*
 * The running program.
 */
struct fetch {
	struct fetch_options options;
	struct kk_log log;
	sd_event *event;
	struct call_server *server;
	struct fetch_ask ask;
	struct fetch_shared *shared;
	pid_t worker; /* 0: none */
	sd_event_source *worker_end, *tick;
	sd_varlink *asker;
	uint64_t begun_us, begun_bytes; /* of the loading */
};

/* worker.c */
MUST_CHECK enum kk_err worker_start(struct fetch *f);
void worker_kill(struct fetch *f);

/* serve.c */
MUST_CHECK enum kk_err serve_start(struct fetch *f);
void serve_end(struct fetch *f); /* the worker has */
void serve_stop(struct fetch *f);
extern const sd_varlink_interface serve_interface; /* interface.c */

/* daemon.c: gives the program's status. */
int daemon_run(const struct fetch_options *o, const struct kk_log *log);
