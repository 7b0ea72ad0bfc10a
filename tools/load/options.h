/* options.h - what a run is to be. */
#pragma once
#include "base/base.h"

enum {
	LOAD_MEETINGS_MAX = 200,
	LOAD_PUBLISHERS_MAX = 16, /* of a meeting: slots of a receiver */
	LOAD_RECEIVERS_MAX = 950, /* of a meeting; sfud's limit is 1000 */
	LOAD_MEMBERS_MAX = 10000,
	LOAD_PACKET_MIN_BYTES = 100,
	LOAD_PACKET_MAX_BYTES = 1400
};

enum load_server { LOAD_SFUD, LOAD_JANUS, LOAD_FLOOR, LOAD_SERVER_COUNT };

struct load_options {
	enum load_server server;
	uint16_t port; /* of the signalling */
	const char *socket; /* of the floor */
	const char *site_token; /* a file */
	const char *address; /* our own, for media */
	unsigned meetings, publishers, receivers;
	unsigned rate; /* video packets of a publisher and second */
	unsigned frames; /* of a second */
	unsigned bytes; /* of a video packet, without SRTP's tag */
	unsigned seconds, sample, at_once, gap_ms, pid;
	bool has_audio, is_json;
	bool is_done; /* --help */
};

const char *load_server_name(enum load_server server);

/* What is wrong is said on standard error.  Errors: KK_EINVAL. */
MUST_CHECK enum kk_err load_options_parse(struct load_options *o, int argc,
    char **argv);
