/* options.c - the command line. */
#define _GNU_SOURCE /* getopt_long() */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sandbox/sandbox.h"

enum {
	OPT_STATE = 256,
	OPT_PROGRAMS,
	OPT_PAGE,
	OPT_CERTIFY,
	OPT_NAME,
	OPT_CAMERA,
	OPT_MICROPHONE,
	OPT_LOUDSPEAKER,
	OPT_SIZE,
	OPT_SEND_SIZE,
	OPT_SCREEN,
	OPT_PORT,
	OPT_BOXES,
	OPT_GIVE,
	OPT_ICE_SERVER,
	OPT_TURN_SECRET,
	OPT_RELAY_ONLY,
	OPT_VERBOSE
};

static const char help[] =
    "usage: sandbox run --state=FOLDER [OPTION...]\n"
    "       sandbox status --state=FOLDER\n"
    "\n"
    "run: starts a room box on this PC and prints the link of its meeting.\n"
    "Ends with Ctrl-C.  status: what runs, as JSON.\n"
    "\n"
    "  --state=FOLDER      keys, certificates, logs; kept for the next time\n"
    "  --programs=FOLDER   where the programs are (build/bin)\n"
    "  --page=FOLDER       where the built page is (build/web)\n"
    "  --certify=FILE      the script that makes certificates\n"
    "  --name=TEXT         the room's name\n"
    "  --camera=WHAT       synthetic, /dev/videoN, or a video file\n"
    "  --microphone=WHAT   synthetic, alsa:DEVICE, or a sound file\n"
    "  --loudspeaker=WHAT  none, alsa:DEVICE, or a FILE.wav\n"
    "  --size=WxH          of the room's picture\n"
    "  --send-size=WxH     of what the room's camera sends\n"
    "  --screen=WHAT       auto (a window where there is a display), none\n"
    "  --port=N            the first of five ports\n"
    "  --boxes=N           so many rooms in one meeting, up to 10\n"
    "  --give=PROGRAM:ARG  one more argument for mediad, roomd, keyd, webd or\n"
    "                      sfud; {box} and {state} in it are replaced\n"
    "  --ice-server=URI    stun:HOST[:PORT], or turn:HOST[:PORT] with\n"
    "                      [?transport=tcp], for rooms and browsers; up to 8\n"
    "  --turn-secret=FILE  what passwords for TURN are made from (mode 0600)\n"
    "  --relay-only        media go by TURN servers alone\n"
    "  --verbose           show what the processes log\n"
    "  --help\n";

static const struct option table[] = {
	{ "state", required_argument, NULL, OPT_STATE },
	{ "programs", required_argument, NULL, OPT_PROGRAMS },
	{ "page", required_argument, NULL, OPT_PAGE },
	{ "certify", required_argument, NULL, OPT_CERTIFY },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "camera", required_argument, NULL, OPT_CAMERA },
	{ "microphone", required_argument, NULL, OPT_MICROPHONE },
	{ "loudspeaker", required_argument, NULL, OPT_LOUDSPEAKER },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "send-size", required_argument, NULL, OPT_SEND_SIZE },
	{ "screen", required_argument, NULL, OPT_SCREEN },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "boxes", required_argument, NULL, OPT_BOXES },
	{ "give", required_argument, NULL, OPT_GIVE },
	{ "ice-server", required_argument, NULL, OPT_ICE_SERVER },
	{ "turn-secret", required_argument, NULL, OPT_TURN_SECRET },
	{ "relay-only", no_argument, NULL, OPT_RELAY_ONLY },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static enum kk_err complain(const char *what, const char *of)
{
	(void)fprintf(stderr, "sandbox: %s: %s\n", of, what);
	return KK_EINVAL;
}

static enum kk_err number_take(const char *text, unsigned long min,
    unsigned long max, unsigned long *n)
{
	char *end = NULL;

	*n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || *n < min || *n > max)
		return complain("out of range", text);
	return KK_OK;
}

static enum kk_err give_take(struct sandbox_options *o, const char *arg)
{
	size_t length = strcspn(arg, ":");

	if (o->given_count == SANDBOX_GIVEN_MAX)
		return complain("too many", "--give");
	for (int i = 0; arg[length] && i < SANDBOX_PROGRAMS; i++) {
		if (strlen(sandbox_program_names[i]) != length ||
		    strncmp(sandbox_program_names[i], arg, length) != 0)
			continue;
		o->given[o->given_count++] = arg;
		return KK_OK;
	}
	return complain("not PROGRAM:ARGUMENT", arg);
}

/* Where an option that is a text goes. */
static const char **text_of(struct sandbox_options *o, int c)
{
	switch (c) {
	case OPT_STATE:
		return &o->state;
	case OPT_PROGRAMS:
		return &o->programs;
	case OPT_PAGE:
		return &o->page;
	case OPT_CERTIFY:
		return &o->certify;
	case OPT_NAME:
		return &o->name;
	case OPT_CAMERA:
		return &o->camera;
	case OPT_MICROPHONE:
		return &o->microphone;
	case OPT_LOUDSPEAKER:
		return &o->loudspeaker;
	case OPT_SIZE:
		return &o->size;
	case OPT_SEND_SIZE:
		return &o->send_size;
	case OPT_SCREEN:
		return &o->screen;
	case OPT_TURN_SECRET:
		return &o->turn_secret;
	default:
		return NULL;
	}
}

static enum kk_err option_take(struct sandbox_options *o, int c,
    const char *arg)
{
	const char **text = text_of(o, c);
	unsigned long n = 0;
	enum kk_err err = KK_OK;

	if (text) {
		*text = arg;
		return KK_OK;
	}
	switch (c) {
	case OPT_PORT:
		err = number_take(arg, 1, UINT16_MAX - SANDBOX_PORTS, &n);
		o->port = (uint16_t)n;
		return err;
	case OPT_BOXES:
		err = number_take(arg, 1, SANDBOX_BOXES_MAX, &n);
		o->boxes = (unsigned)n;
		return err;
	case OPT_GIVE:
		return give_take(o, arg);
	case OPT_ICE_SERVER:
		if (o->ice_server_count == SANDBOX_SERVERS_MAX)
			return complain("too many", "--ice-server");
		o->ice_servers[o->ice_server_count++] = arg;
		return KK_OK;
	case OPT_RELAY_ONLY:
		o->is_relay_only = true;
		return KK_OK;
	case OPT_VERBOSE:
		o->is_verbose = true;
		return KK_OK;
	case 'h':
		(void)fputs(help, stdout);
		o->is_done = true;
		return KK_OK;
	default:
		return KK_EINVAL; /* getopt_long() has said why */
	}
}

static enum kk_err words_take(struct sandbox_options *o, int argc, char **argv)
{
	if (argc - optind != 1)
		return complain("run or status?", "sandbox");
	o->is_status = !strcmp(argv[optind], "status");
	if (!o->is_status && strcmp(argv[optind], "run") != 0)
		return complain("run or status?", argv[optind]);
	if (!o->state || o->state[0] != '/')
		return complain("an absolute path is needed", "--state");
	return KK_OK;
}

uint16_t sandbox_port(const struct sandbox_options *o, enum sandbox_port port)
{
	return (uint16_t)(o->port + port);
}

enum kk_err sandbox_options_parse(struct sandbox_options *o, int argc,
    char **argv)
{
	enum kk_err err = KK_OK;
	int c;

	*o = (struct sandbox_options){ .programs = "build/bin",
		.page = "build/web",
		.certify = "tools/sandbox/certify",
		.name = KK_SANDBOX_NAME,
		.camera = KK_SANDBOX_CAMERA,
		.microphone = KK_SANDBOX_MICROPHONE,
		.loudspeaker = KK_SANDBOX_LOUDSPEAKER,
		.size = KK_SANDBOX_SIZE,
		.screen = "auto",
		.port = KK_SANDBOX_PORT,
		.boxes = 1 };
	while (!err && (c = getopt_long(argc, argv, "h", table, NULL)) != -1)
		err = option_take(o, c, optarg);
	if (!err && !o->is_done)
		err = words_take(o, argc, argv);
	return err;
}
