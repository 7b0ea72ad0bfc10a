/* options.c - the command line. */
#define _GNU_SOURCE /* getopt_long() */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/load/options.h"

enum {
	OPT_SERVER = 256,
	OPT_PORT,
	OPT_SOCKET,
	OPT_SITE_TOKEN,
	OPT_ADDRESS,
	OPT_MEETINGS,
	OPT_PUBLISHERS,
	OPT_RECEIVERS,
	OPT_RATE,
	OPT_FRAMES,
	OPT_BYTES,
	OPT_AUDIO,
	OPT_SECONDS,
	OPT_SAMPLE,
	OPT_AT_ONCE,
	OPT_GAP,
	OPT_PID,
	OPT_JSON
};

static const char help[] =
    "usage: load --server=sfud --port=PORT --site-token=FILE [OPTION...]\n"
    "       load --server=janus --port=PORT [OPTION...]\n"
    "       load --server=floor --socket=FILE [OPTION...]\n"
    "\n"
    "Puts load on a forwarder, and counts what it delivers.  See load(1).\n"
    "\n"
    "  --server=WHICH     sfud, janus (its videoroom) or floor\n"
    "  --port=PORT        its signalling, a WebSocket on 127.0.0.1\n"
    "  --site-token=FILE  32 bytes: sfud's site token\n"
    "  --socket=FILE      the floor's\n"
    "  --address=ADDRESS  our own for media (127.0.0.1); v4\n"
    "  --meetings=N       (1)\n"
    "  --publishers=N     in each meeting, to 16 (1)\n"
    "  --receivers=N      in each meeting, to 950 (60)\n"
    "  --rate=N           video packets a publisher sends in a second (150)\n"
    "  --frames=N         in so many pictures (30)\n"
    "  --bytes=N          of a video packet, 100 to 1400 (1200)\n"
    "  --audio            Opus, too: 50 packets a second\n"
    "  --seconds=N        to be measured (10)\n"
    "  --sample=N         every Nth packet is opened (100)\n"
    "  --at-once=N        so many join at the same time (16)\n"
    "  --gap=MS           between the beginnings of two joins (0)\n"
    "  --pid=N            the server's process, for its CPU time and memory\n"
    "  --json             the result as JSON\n"
    "  --help\n";

static const struct option table[] = {
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "site-token", required_argument, NULL, OPT_SITE_TOKEN },
	{ "address", required_argument, NULL, OPT_ADDRESS },
	{ "meetings", required_argument, NULL, OPT_MEETINGS },
	{ "publishers", required_argument, NULL, OPT_PUBLISHERS },
	{ "receivers", required_argument, NULL, OPT_RECEIVERS },
	{ "rate", required_argument, NULL, OPT_RATE },
	{ "frames", required_argument, NULL, OPT_FRAMES },
	{ "bytes", required_argument, NULL, OPT_BYTES },
	{ "audio", no_argument, NULL, OPT_AUDIO },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "sample", required_argument, NULL, OPT_SAMPLE },
	{ "at-once", required_argument, NULL, OPT_AT_ONCE },
	{ "gap", required_argument, NULL, OPT_GAP },
	{ "pid", required_argument, NULL, OPT_PID },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char *const names[LOAD_SERVER_COUNT] = { "sfud", "janus",
	"floor" };

const char *load_server_name(enum load_server server)
{
	return server < LOAD_SERVER_COUNT ? names[server] : "none";
}

static enum kk_err complain(const char *what, const char *of)
{
	(void)fprintf(stderr, "load: %s: %s\n", of, what);
	return KK_EINVAL;
}

/* Options that are numbers, and where they go. */
struct number {
	int option;
	size_t at; /* in struct load_options, an unsigned long */
	unsigned long min, max;
};

static const struct number numbers[] = {
	{ OPT_MEETINGS, offsetof(struct load_options, meetings), 1,
	    LOAD_MEETINGS_MAX },
	{ OPT_PUBLISHERS, offsetof(struct load_options, publishers), 1,
	    LOAD_PUBLISHERS_MAX },
	{ OPT_RECEIVERS, offsetof(struct load_options, receivers), 1,
	    LOAD_RECEIVERS_MAX },
	{ OPT_RATE, offsetof(struct load_options, rate), 1, 100000 },
	{ OPT_FRAMES, offsetof(struct load_options, frames), 1, 1000 },
	{ OPT_BYTES, offsetof(struct load_options, bytes),
	    LOAD_PACKET_MIN_BYTES, LOAD_PACKET_MAX_BYTES },
	{ OPT_SECONDS, offsetof(struct load_options, seconds), 1, 3600 },
	{ OPT_SAMPLE, offsetof(struct load_options, sample), 1, 10000 },
	{ OPT_AT_ONCE, offsetof(struct load_options, at_once), 1, 1000 },
	{ OPT_GAP, offsetof(struct load_options, gap_ms), 0, 60000 },
	{ OPT_PID, offsetof(struct load_options, pid), 1, 1UL << 30 },
};

static enum kk_err number_take(const char *text, unsigned long min,
    unsigned long max, unsigned long *to)
{
	char range[80];
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (*text >= '0' && *text <= '9' && !*end && n >= min && n <= max) {
		*to = n;
		return KK_OK;
	}
	(void)snprintf(range, sizeof(range), "not a number from %lu to %lu",
	    min, max);
	return complain(range, text);
}

static enum kk_err server_take(struct load_options *o, const char *text)
{
	for (int i = 0; i < LOAD_SERVER_COUNT; i++) {
		if (!strcmp(names[i], text)) {
			o->server = (enum load_server)i;
			return KK_OK;
		}
	}
	return complain("neither sfud, janus nor floor", text);
}

static enum kk_err any_number_take(struct load_options *o, int c,
    const char *arg)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(numbers); i++) {
		const struct number *n = &numbers[i];

		if (n->option == c)
			return number_take(arg, n->min, n->max,
			    (unsigned long *)(void *)((char *)o + n->at));
	}
	return KK_EINVAL; /* getopt_long() has said why */
}

static enum kk_err option_take(struct load_options *o, int c, const char *arg)
{
	unsigned long port = 0;
	enum kk_err err = KK_OK;

	switch (c) {
	case OPT_SERVER:
		return server_take(o, arg);
	case OPT_PORT:
		err = number_take(arg, 1, UINT16_MAX, &port);
		o->port = (uint16_t)port;
		return err;
	case OPT_SOCKET:
		o->socket = arg;
		return KK_OK;
	case OPT_SITE_TOKEN:
		o->site_token = arg;
		return KK_OK;
	case OPT_ADDRESS:
		o->address = arg;
		return KK_OK;
	case OPT_AUDIO:
		o->has_audio = true;
		return KK_OK;
	case OPT_JSON:
		o->is_json = true;
		return KK_OK;
	case 'h':
		(void)fputs(help, stdout);
		o->is_done = true;
		return KK_OK;
	default:
		return any_number_take(o, c, arg);
	}
}

static enum kk_err options_check(const struct load_options *o)
{
	if (o->server == LOAD_SERVER_COUNT)
		return complain("needed: sfud, janus or floor", "--server");
	if (o->server == LOAD_FLOOR && !o->socket)
		return complain("needed for the floor", "--socket");
	if (o->server != LOAD_FLOOR && !o->port)
		return complain("needed", "--port");
	if (o->server == LOAD_SFUD && !o->site_token)
		return complain("needed: a file of 32 bytes", "--site-token");
	if (o->meetings * (o->publishers + o->receivers) > LOAD_MEMBERS_MAX)
		return complain("more than 10000 participants", "--meetings");
	return KK_OK;
}

enum kk_err load_options_parse(struct load_options *o, int argc, char **argv)
{
	enum kk_err err = KK_OK;
	int c;

	*o = (struct load_options){ .server = LOAD_SERVER_COUNT,
		.address = "127.0.0.1",
		.meetings = 1,
		.publishers = 1,
		.receivers = 60,
		.rate = 150,
		.frames = 30,
		.bytes = 1200,
		.seconds = 10,
		.sample = 100,
		.at_once = 16 };
	optind = 1;
	while (!err && (c = getopt_long(argc, argv, "h", table, NULL)) != -1)
		err = option_take(o, c, optarg);
	if (!err && optind < argc)
		err = complain("what is this for?", argv[optind]);
	return err || o->is_done ? err : options_check(o);
}
