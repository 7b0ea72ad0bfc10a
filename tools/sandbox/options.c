/* options.c - the command line. */
#include <string.h>

#include "program/options.h"
#include "tools/sandbox/sandbox.h"

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
    "  --prompts=FOLDER    where what callers hear is (build/prompts)\n"
    "  --certify=FILE      the script that asks for certificates\n"
    "  --pki=FILE          the program konklave-pki, which makes them\n"
    "                      (beside this one)\n"
    "  --name=TEXT         the room's name\n"
    "  --camera=WHAT       synthetic, v4l2:auto, none, /dev/videoN, or a\n"
    "                      video file\n"
    "  --microphone=WHAT   synthetic, alsa:auto, none, alsa:DEVICE, or a\n"
    "                      sound file\n"
    "  --loudspeaker=WHAT  none, alsa:auto, alsa:DEVICE, or a FILE.wav\n"
    "  --size=WxH          of the room's picture\n"
    "  --send-size=WxH     of what the room's camera sends\n"
    "  --encodings=N       in how many sizes at once, 1 to 3 (1)\n"
    "  --screen=WHAT       auto (a window where there is a display), none\n"
    "  --port=N            the first of five ports, and with lines of five\n"
    "                      more and two for each line\n"
    "  --lines=N           so many telephone lines for the first room (0)\n"
    "  --boxes=N           so many rooms in one meeting, up to 10\n"
    "  --give=PROGRAM:ARG  one more argument for mediad, roomd, keyd, lined,\n"
    "                      mixd, webd or sfud; {box} and {state} in it are\n"
    "                      replaced\n"
    "  --ice-server=URI    stun:HOST[:PORT], or turn:HOST[:PORT] with\n"
    "                      [?transport=tcp], for rooms and browsers; up to 8\n"
    "  --turn-secret=FILE  what passwords for TURN are made from (mode 0600)\n"
    "  --relay-only        media go by TURN servers alone\n"
    "  --video=FORM        what cameras of browsers send: vp8, vp9, vp9-l3t3\n"
    "  --verbose           show what the processes log\n"
    "  --help\n";

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("sandbox", of, what);
}

static const char *give_take(void *arg, const char *value)
{
	struct sandbox_options *o = arg;
	size_t length = strcspn(value, ":");

	if (o->given_count == SANDBOX_GIVEN_MAX)
		return "too many of them";
	for (int i = 0; value[length] && i < SANDBOX_PROGRAMS; i++) {
		if (strlen(sandbox_program_names[i]) != length ||
		    strncmp(sandbox_program_names[i], value, length) != 0)
			continue;
		o->given[o->given_count++] = value;
		return NULL;
	}
	return "not PROGRAM:ARGUMENT";
}

static const char *ice_server_take(void *arg, const char *value)
{
	struct sandbox_options *o = arg;

	if (o->ice_server_count == SANDBOX_SERVERS_MAX)
		return "too many of them";
	o->ice_servers[o->ice_server_count++] = value;
	return NULL;
}

static enum kk_err word_take(struct sandbox_options *o, const char *word)
{
	if (!word)
		return complain("sandbox", "run or status?");
	o->is_status = !strcmp(word, "status");
	if (!o->is_status && strcmp(word, "run") != 0)
		return complain(word, "run or status?");
	if (!o->state || o->state[0] != '/')
		return complain("--state", "an absolute path is needed");
	if (o->port > UINT16_MAX - sandbox_ports(o))
		return complain("--port", "too high: others follow");
	return KK_OK;
}

unsigned sandbox_ports(const struct sandbox_options *o)
{
	return o->lines ? SANDBOX_RTP + 2 * (o->lines + 1) : SANDBOX_PORTS;
}

uint16_t sandbox_port(const struct sandbox_options *o, enum sandbox_port port)
{
	return (uint16_t)(o->port + port);
}

enum kk_err sandbox_options_parse(struct sandbox_options *o, int argc,
    char **argv)
{
	const struct program_option table[] = {
		{ "state", .text = &o->state },
		{ "programs", .text = &o->programs },
		{ "page", .text = &o->page },
		{ "prompts", .text = &o->prompts },
		{ "certify", .text = &o->certify },
		{ "pki", .text = &o->pki },
		{ "name", .text = &o->name },
		{ "camera", .text = &o->camera },
		{ "microphone", .text = &o->microphone },
		{ "loudspeaker", .text = &o->loudspeaker },
		{ "size", .text = &o->size },
		{ "send-size", .text = &o->send_size },
		{ "screen", .text = &o->screen },
		{ "port", .port = &o->port, .min = 1 },
		{ "boxes", .number = &o->boxes, .min = 1,
		    .max = SANDBOX_BOXES_MAX },
		{ "lines", .number = &o->lines, .max = SANDBOX_LINES_MAX },
		{ "encodings", .number = &o->encodings, .min = 1, .max = 3 },
		{ "give", .take = give_take },
		{ "ice-server", .take = ice_server_take },
		{ "turn-secret", .text = &o->turn_secret },
		{ "relay-only", .flag = &o->is_relay_only },
		{ "video", .text = &o->video },
		{ "verbose", .flag = &o->is_verbose },
	};
	const char *word = NULL;
	const struct program_options options = { .program = "sandbox",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o,
		.word = &word };
	enum kk_err err;

	*o = (struct sandbox_options){ .programs = "build/bin",
		.page = "build/web",
		.prompts = "build/prompts",
		.certify = "tools/sandbox/certify",
		.name = KK_SANDBOX_NAME,
		.camera = KK_SANDBOX_CAMERA,
		.microphone = KK_SANDBOX_MICROPHONE,
		.loudspeaker = KK_SANDBOX_LOUDSPEAKER,
		.size = KK_SANDBOX_SIZE,
		.screen = "auto",
		.port = KK_SANDBOX_PORT,
		.boxes = 1,
		.encodings = 1 }; /* all rooms share this PC */
	err = program_options_parse(&options, argc, argv, &o->is_done);
	return err || o->is_done ? err : word_take(o, word);
}
