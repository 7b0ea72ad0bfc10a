/*
 * webd.h - what webd's files share.  Zone: face.  One thread, one event loop,
 * which is libwebsockets' own.
 *
 * The process serves files to browsers: the guest's page and its parts.  What
 * a request means is decided in firmware/http.
 */
#pragma once
#include <libwebsockets.h>
#include <sys/types.h>

#include "base/base.h"
#include "http/http.h"
#include "ice/ice.h"
#include "program/options.h"
#include "program/program.h"

enum {
	WEBD_CONNECTIONS_MAX = 512,
	/* From one address: a browser opens six, a site may share one. */
	WEBD_CONNECTIONS_OF_ONE_MAX = 96,
	WEBD_REQUESTS_MAX = 64, /* whose headers are read at a time */
	WEBD_HEADER_MAX_BYTES = 4096,
	WEBD_HEADER_S = 10, /* to send a request, or the TLS handshake */
	WEBD_IDLE_S = 15, /* between two requests */
	WEBD_STALL_S = 20, /* a reader that takes nothing */
	WEBD_CHUNK_BYTES = 16 * 1024,
	WEBD_TRUST_MAX_BYTES = 32 * 1024, /* PEM of the site's CAs */
	WEBD_CONFIG_BYTES = 2 * WEBD_TRUST_MAX_BYTES + 8192, /* of servers */
	/* A password for TURN: who asks begins to use it at once, and may go
	 * on when it has run out. */
	WEBD_LOGIN_S = 3600,
	WEBD_VALUE_BYTES = 256, /* of a header that we look at */
	WEBD_LABELS_MAX = 16,
	WEBD_LABEL_BYTES = 64 /* as firmware/conference has it */
};

/* A classification of the site's. */
struct webd_label {
	const char *text;
	bool allows_lines;
};

/*
 * Options (options.c).
 */
struct webd_options {
	const char *root, *cert, *key, *site, *trust, *video;
	struct ice_config ice; /* its servers; the file is read later */
	const char *turn_secret; /* file, or NULL */
	char address[64]; /* empty: all */
	uint16_t port, loopback_port; /* 0: no such listener */
	uint16_t signal_port, signal_loopback_port;
	struct webd_label labels[WEBD_LABELS_MAX];
	size_t label_count;
	bool is_done; /* --help was answered */
};

/* Errors: KK_EINVAL, having said on standard error what is wrong. */
MUST_CHECK enum kk_err webd_options_parse(struct webd_options *o, int argc,
    char **argv);

/*
 * Files (file.c).
 */
struct webd_file {
	int fd;
	uint64_t bytes;
};

/* A regular file below root; no link is followed, nothing above root is
 * reached.  Errors: KK_ENOENT, KK_EIO. */
MUST_CHECK enum kk_err webd_file_open(int root, const char *path,
    struct webd_file *file);
/* Of the whole content; the place to read from is then the start again. */
MUST_CHECK enum kk_err webd_file_etag(const struct webd_file *file,
    char etag[HTTP_ETAG_BYTES]);

/*
 * Connections of each address (peers.c), so that one cannot take all.
 */
struct webd_peer {
	uint8_t address[16];
	unsigned count; /* 0: free */
};

/*
 * Server (server.c).
 */
struct webd {
	struct webd_options options;
	struct kk_log log;
	int root, signals;
	char trust[WEBD_TRUST_MAX_BYTES + 2];
	/* /config.json as it was sent last, and the room before it that
	 * libwebsockets wants. */
	unsigned char config[LWS_PRE + WEBD_CONFIG_BYTES];
	size_t config_bytes;
	struct lws_context *context;
	struct webd_peer peers[WEBD_CONNECTIONS_MAX];
	lws_sorted_usec_list_t watchdog;
	uint64_t watchdog_us; /* 0: nobody watches */
	bool is_ending;
};

/* config.c.  Reads the files of which /config.json is made, having said what is
 * wrong with them.  Errors: KK_EIO, KK_EFORMAT no text, KK_ELIMIT, KK_ENOMEM;
 * of ice.h. */
MUST_CHECK enum kk_err webd_config_read(struct webd *w);
/* Makes w->config for one answer: its password for TURN begins now.  Errors:
 * KK_EFORMAT, KK_ELIMIT, KK_ENOMEM, KK_ECRYPTO, KK_EIO no clock. */
MUST_CHECK enum kk_err webd_config_make(struct webd *w);
void webd_config_wipe(struct webd *w); /* once it was sent */
MUST_CHECK enum kk_err webd_server_start(struct webd *w);
/* Until SIGTERM or SIGINT.  Errors: KK_EIO. */
MUST_CHECK enum kk_err webd_server_run(struct webd *w);
void webd_server_stop(struct webd *w);

/* come closes the connection where its address has too many. */
void webd_peer_come(struct webd *w, struct lws *wsi);
void webd_peer_go(struct webd *w, struct lws *wsi);

/*
 * Answers (answer.c).
 */
struct webd_answer { /* of one connection; zeroed by libwebsockets */
	bool is_sending;
	struct webd_file file; /* open while is_sending */
	uint64_t left_bytes;
};

/* Answers a request.  Not 0: the connection is to be closed. */
int webd_answer_start(struct webd *w, struct lws *wsi, struct webd_answer *a,
    struct kk_view uri);
int webd_answer_go_on(struct lws *wsi, struct webd_answer *a);
void webd_answer_end(struct webd_answer *a);
