/* options.c - the command line. */
#include "program/options.h"

#include "trial.h"

static const char help[] =
    "usage: konklave-loopback [OPTION...]\n"
    "\n"
    "Holds a short encrypted call of two participants on this box, and says\n"
    "whether sound and picture come back.  See konklave-loopback(8).\n"
    "\n"
    "  --sfud=FILE        the forwarder's program (/usr/lib/konklave/sfud)\n"
    "  --limit=SECONDS    until then it has to be held (60)\n"
    "  --fps=N            pictures a second (5)\n"
    "  --camera=KIND      v4l2:auto, /dev/videoN or a video file, in place of\n"
    "                     a pattern\n"
    "  --microphone=KIND  alsa:DEVICE or a WAV file, which hears\n"
    "  --loudspeaker=KIND alsa:DEVICE, where the sound is played then\n"
    "  --json\n"
    "  --help\n";

enum { LIMIT_S = 60, LIMIT_MAX_S = 3600, FPS = 5, FPS_MAX = 30 };

enum kk_err trial_options_parse(struct trial_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "sfud", .text = &o->sfud },
		{ "limit", .number = &o->limit_s, .min = 1,
		    .max = LIMIT_MAX_S },
		{ "fps", .number = &o->fps, .min = 1, .max = FPS_MAX },
		{ "camera", .text = &o->camera },
		{ "microphone", .text = &o->microphone },
		{ "loudspeaker", .text = &o->loudspeaker },
		{ "json", .flag = &o->is_json },
	};
	const struct program_options options = { .program = "konklave-loopback",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct trial_options){ .sfud = "/usr/lib/konklave/sfud",
		.limit_s = LIMIT_S,
		.fps = FPS };
	err = program_options_parse(&options, argc, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	if (o->loudspeaker && !o->microphone)
		return program_options_complain("konklave-loopback",
		    "--loudspeaker", "needs --microphone");
	return KK_OK;
}
