/* options.c - the command line. */
#include <stdlib.h>
#include <string.h>

#include "mediad.h"

enum { FPS_MAX = 60, SIZE_MAX_PIXELS = 3840, NUMBER_MAX = 15 };

static const char help[] =
    "usage: mediad --keyd=SOCKET --roomd=SOCKET [OPTION...]\n"
    "\n"
    "The box's picture and sound, in and out.  See mediad(8).\n"
    "\n"
    "  --keyd=SOCKET       where keyd's media role listens\n"
    "  --roomd=SOCKET      where roomd's media role listens\n"
    "  --lines=SOCKET      where the lines' roomd's panel role listens\n"
    "  --name=TEXT         the box's name (Konklave box)\n"
    "  --language=LANG     en or de, on the screen ($LANG)\n"
    "  --camera=KIND       synthetic, v4l2:auto[:WORDS of its name], none,\n"
    "                      /dev/videoN or a video file\n"
    "  --microphone=KIND   synthetic, alsa:auto[:WORDS], none, alsa:DEVICE or\n"
    "                      a WAV file\n"
    "  --loudspeaker=KIND  none, alsa:auto[:WORDS], alsa:DEVICE or a WAV file\n"
    "                      to be written\n"
    "  --screen=KIND       none, window or kms\n"
    "  --input=KIND        none, evdev or pipe:PATH: keys and touches\n"
    "  --book=FILE         the address book (/etc/konklave/book)\n"
    "  --notices=FOLDER    what the box tells (" PROGRAM_NOTICES ")\n"
    "  --size=WxH          of the screen (1280x720); auto: what suits it\n"
    "  --fps=N             pictures a second on the screen (25)\n"
    "  --picture=FILE.png  the screen's picture, each second, and FILE.json\n"
    "  --send-size=WxH     of the picture that is sent (1280x720)\n"
    "  --send-fps=N        pictures a second that are sent (25)\n"
    "  --encodings=N       sizes that are sent at once, 1 to 3 (3)\n"
    "  --number=N          of the box in the synthetic picture's test strip\n"
    "  --help\n";

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("mediad", of, what);
}

/* Even numbers: a picture's colours have half its size. */
static const char *size_take(const char *value, unsigned *width,
    unsigned *height)
{
	uint64_t w = 0, h = 0;

	if (!program_number_take(&value, 0, SIZE_MAX_PIXELS, &w) ||
	    *value++ != 'x' ||
	    !program_number_take(&value, 0, SIZE_MAX_PIXELS, &h) || *value ||
	    w % 2 || h % 2)
		return "not a size like 1280x720";
	*width = (unsigned)w;
	*height = (unsigned)h;
	return NULL;
}

static const char *screen_size_take(void *arg, const char *value)
{
	struct studio_config *s = arg;

	if (!strcmp(value, "auto")) {
		s->width = 0;
		s->height = 0;
		return NULL;
	}
	return size_take(value, &s->width, &s->height);
}

static const char *send_size_take(void *arg, const char *value)
{
	struct studio_config *s = arg;

	return size_take(value, &s->send_width, &s->send_height);
}

static const char *box_number_take(void *arg, const char *value)
{
	struct studio_config *s = arg;
	uint64_t n = 0;

	if (!program_number_take(&value, 0, NUMBER_MAX, &n) || *value)
		return "not a number from 0 to 15";
	s->number = (int)n;
	return NULL;
}

static void defaults_set(struct mediad_options *o)
{
	const char *language = getenv("LANG");

	*o = (struct mediad_options){ .book = "/etc/konklave/book",
		.notices = PROGRAM_NOTICES,
		.input = "none",
		.studio = { .name = "Konklave box",
		    .language = language ? language : "",
		    .camera = "synthetic",
		    .microphone = "synthetic",
		    .loudspeaker = "none",
		    .screen = "none",
		    .number = -1,
		    .width = 1280,
		    .height = 720,
		    .fps = 25,
		    .send_width = 1280,
		    .send_height = 720,
		    .send_fps = 25,
		    .send_encodings = SIZES_MAX } };
}

static enum kk_err needed_check(const struct mediad_options *o)
{
	if (!o->keyd)
		return complain("--keyd",
		    "needed, as in --keyd=/run/konklave/keyd/media");
	if (!o->roomd)
		return complain("--roomd",
		    "needed, as in --roomd=/run/konklave/roomd/media");
	if (strcmp(o->studio.screen, "none") != 0 &&
	    strcmp(o->studio.screen, "window") != 0 &&
	    strcmp(o->studio.screen, "kms") != 0)
		return complain("--screen", "none, window or kms");
	if (!input_kind_is(o->input))
		return complain("--input", "none, evdev or pipe:PATH");
	return KK_OK;
}

enum kk_err mediad_options_parse(struct mediad_options *o, int argc,
    char **argv)
{
	struct studio_config *s = &o->studio;
	const struct program_option table[] = {
		{ "keyd", .text = &o->keyd },
		{ "roomd", .text = &o->roomd },
		{ "lines", .text = &o->lines },
		{ "book", .text = &o->book },
		{ "notices", .text = &o->notices },
		{ "input", .text = &o->input },
		{ "name", .text = &s->name },
		{ "number", .take = box_number_take },
		{ "language", .text = &s->language },
		{ "camera", .text = &s->camera },
		{ "microphone", .text = &s->microphone },
		{ "loudspeaker", .text = &s->loudspeaker },
		{ "picture", .text = &s->picture },
		{ "screen", .text = &s->screen },
		{ "size", .take = screen_size_take },
		{ "fps", .number = &s->fps, .min = 1, .max = FPS_MAX },
		{ "send-size", .take = send_size_take },
		{ "send-fps", .number = &s->send_fps, .min = 1,
		    .max = FPS_MAX },
		{ "encodings", .number = &s->send_encodings, .min = 1,
		    .max = SIZES_MAX },
	};
	const struct program_options options = { .program = "mediad",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = s };
	enum kk_err err;

	defaults_set(o);
	err = program_options_parse(&options, argc, argv, &o->is_done);
	return err || o->is_done ? err : needed_check(o);
}
