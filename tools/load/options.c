/* options.c - the command line. */
#include "tools/load/options.h"

#include <string.h>

#include "program/options.h"

enum {
	RATE_MAX = 100000,
	FRAMES_MAX = 1000,
	SECONDS_MAX = 3600,
	SAMPLE_MAX = 10000, /* SRTP has to see each turn of the numbers */
	AT_ONCE_MAX = 1000,
	GAP_MAX_MS = 60000,
	PID_MAX = 1 << 30
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

static const char *const names[LOAD_SERVER_COUNT] = { "sfud", "janus",
	"floor" };

const char *load_server_name(enum load_server server)
{
	return server < LOAD_SERVER_COUNT ? names[server] : "none";
}

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("load", of, what);
}

static const char *server_take(void *arg, const char *value)
{
	struct load_options *o = arg;

	for (int i = 0; i < LOAD_SERVER_COUNT; i++) {
		if (!strcmp(names[i], value)) {
			o->server = (enum load_server)i;
			return NULL;
		}
	}
	return "neither sfud, janus nor floor";
}

static enum kk_err options_read(struct load_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "server", .take = server_take },
		{ "port", .port = &o->port, .min = 1 },
		{ "socket", .text = &o->socket },
		{ "site-token", .text = &o->site_token },
		{ "address", .text = &o->address },
		{ "meetings", .number = &o->meetings, .min = 1,
		    .max = LOAD_MEETINGS_MAX },
		{ "publishers", .number = &o->publishers, .min = 1,
		    .max = LOAD_PUBLISHERS_MAX },
		{ "receivers", .number = &o->receivers, .min = 1,
		    .max = LOAD_RECEIVERS_MAX },
		{ "rate", .number = &o->rate, .min = 1, .max = RATE_MAX },
		{ "frames", .number = &o->frames, .min = 1, .max = FRAMES_MAX },
		{ "bytes", .number = &o->bytes, .min = LOAD_PACKET_MIN_BYTES,
		    .max = LOAD_PACKET_MAX_BYTES },
		{ "audio", .flag = &o->has_audio },
		{ "seconds", .number = &o->seconds, .min = 1,
		    .max = SECONDS_MAX },
		{ "sample", .number = &o->sample, .min = 1, .max = SAMPLE_MAX },
		{ "at-once", .number = &o->at_once, .min = 1,
		    .max = AT_ONCE_MAX },
		{ "gap", .number = &o->gap_ms, .max = GAP_MAX_MS },
		{ "pid", .number = &o->pid, .min = 1, .max = PID_MAX },
		{ "json", .flag = &o->is_json },
	};
	const struct program_options all = { .program = "load",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };

	return program_options_parse(&all, argc, argv, &o->is_done);
}

static enum kk_err options_check(const struct load_options *o)
{
	if (o->server == LOAD_SERVER_COUNT)
		return complain("--server", "needed: sfud, janus or floor");
	if (o->server == LOAD_FLOOR && !o->socket)
		return complain("--socket", "needed for the floor");
	if (o->server != LOAD_FLOOR && !o->port)
		return complain("--port", "needed");
	if (o->server == LOAD_SFUD && !o->site_token)
		return complain("--site-token", "needed: a file of 32 bytes");
	if (o->meetings * (o->publishers + o->receivers) > LOAD_MEMBERS_MAX)
		return complain("--meetings", "more than 10000 participants");
	return KK_OK;
}

enum kk_err load_options_parse(struct load_options *o, int argc, char **argv)
{
	enum kk_err err;

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
	err = options_read(o, argc, argv);
	return err || o->is_done ? err : options_check(o);
}
