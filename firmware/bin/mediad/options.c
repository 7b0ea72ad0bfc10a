/* options.c - the command line. */
#define _GNU_SOURCE /* getopt_long() */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mediad.h"

enum {
	OPT_KEYD = 256,
	OPT_ROOMD,
	OPT_NAME,
	OPT_NUMBER,
	OPT_LANGUAGE,
	OPT_CAMERA,
	OPT_MICROPHONE,
	OPT_LOUDSPEAKER,
	OPT_PICTURE,
	OPT_SCREEN,
	OPT_SIZE,
	OPT_FPS,
	OPT_SEND_SIZE,
	OPT_SEND_FPS
};

enum { FPS_MAX = 60, SIZE_MAX_PIXELS = 3840, NUMBER_MAX = 15 };

static const char help[] =
    "usage: mediad --keyd=SOCKET --roomd=SOCKET [OPTION...]\n"
    "\n"
    "The box's picture and sound, in and out.  See mediad(8).\n"
    "\n"
    "  --keyd=SOCKET       where keyd's media role listens\n"
    "  --roomd=SOCKET      where roomd's media role listens\n"
    "  --name=TEXT         the box's name (Konklave box)\n"
    "  --language=LANG     en or de, on the screen ($LANG)\n"
    "  --camera=KIND       synthetic, /dev/videoN or a video file\n"
    "  --microphone=KIND   synthetic, alsa:DEVICE or a WAV file\n"
    "  --loudspeaker=KIND  none, alsa:DEVICE or a WAV file to be written\n"
    "  --screen=KIND       none or window\n"
    "  --size=WxH          of the screen (1280x720)\n"
    "  --fps=N             pictures a second on the screen (25)\n"
    "  --picture=FILE.png  the screen's picture, each second, and FILE.json\n"
    "  --send-size=WxH     of the picture that is sent (1280x720)\n"
    "  --send-fps=N        pictures a second that are sent (25)\n"
    "  --number=N          of the box in the synthetic picture's test strip\n"
    "  --help\n";

static const struct option table[] = {
	{ "keyd", required_argument, NULL, OPT_KEYD },
	{ "roomd", required_argument, NULL, OPT_ROOMD },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "number", required_argument, NULL, OPT_NUMBER },
	{ "language", required_argument, NULL, OPT_LANGUAGE },
	{ "camera", required_argument, NULL, OPT_CAMERA },
	{ "microphone", required_argument, NULL, OPT_MICROPHONE },
	{ "loudspeaker", required_argument, NULL, OPT_LOUDSPEAKER },
	{ "picture", required_argument, NULL, OPT_PICTURE },
	{ "screen", required_argument, NULL, OPT_SCREEN },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "fps", required_argument, NULL, OPT_FPS },
	{ "send-size", required_argument, NULL, OPT_SEND_SIZE },
	{ "send-fps", required_argument, NULL, OPT_SEND_FPS },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static enum kk_err complain(const char *what, const char *of)
{
	(void)fprintf(stderr, "mediad: %s: %s\n", of, what);
	return KK_EINVAL;
}

static bool number_take(const char **at, unsigned max, unsigned *out)
{
	char *end = NULL;
	unsigned long n = strtoul(*at, &end, 10);

	if (**at < '0' || **at > '9' || n > max)
		return false;
	*out = (unsigned)n;
	*at = end;
	return true;
}

/* Even numbers: a picture's colours have half its size. */
static enum kk_err size_take(const char *arg, unsigned *width, unsigned *height)
{
	const char *at = arg;
	unsigned w, h;

	if (!number_take(&at, SIZE_MAX_PIXELS, &w) || *at++ != 'x' ||
	    !number_take(&at, SIZE_MAX_PIXELS, &h) || *at || w % 2 || h % 2)
		return complain("not a size like 1280x720", arg);
	*width = w;
	*height = h;
	return KK_OK;
}

static enum kk_err fps_take(const char *arg, unsigned *fps)
{
	const char *at = arg;

	if (!number_take(&at, FPS_MAX, fps) || *at || *fps == 0)
		return complain("not 1 to 60 pictures a second", arg);
	return KK_OK;
}

static enum kk_err box_number_take(const char *arg, int *number)
{
	const char *at = arg;
	unsigned n;

	if (!number_take(&at, NUMBER_MAX, &n) || *at)
		return complain("not a number from 0 to 15", arg);
	*number = (int)n;
	return KK_OK;
}

/* Where a text option goes; NULL: it is none. */
static const char **text_place(struct mediad_options *o, int c)
{
	struct studio_config *s = &o->studio;

	switch (c) {
	case OPT_KEYD:
		return &o->keyd;
	case OPT_ROOMD:
		return &o->roomd;
	case OPT_NAME:
		return &s->name;
	case OPT_LANGUAGE:
		return &s->language;
	case OPT_CAMERA:
		return &s->camera;
	case OPT_MICROPHONE:
		return &s->microphone;
	case OPT_LOUDSPEAKER:
		return &s->loudspeaker;
	case OPT_PICTURE:
		return &s->picture;
	case OPT_SCREEN:
		return &s->screen;
	default:
		return NULL;
	}
}

static enum kk_err option_take(struct mediad_options *o, int c, const char *arg)
{
	struct studio_config *s = &o->studio;
	const char **text = text_place(o, c);

	if (text) {
		*text = arg;
		return KK_OK;
	}
	switch (c) {
	case OPT_NUMBER:
		return box_number_take(arg, &s->number);
	case OPT_SIZE:
		return size_take(arg, &s->width, &s->height);
	case OPT_FPS:
		return fps_take(arg, &s->fps);
	case OPT_SEND_SIZE:
		return size_take(arg, &s->send_width, &s->send_height);
	case OPT_SEND_FPS:
		return fps_take(arg, &s->send_fps);
	case 'h':
		(void)fputs(help, stdout);
		o->is_done = true;
		return KK_OK;
	default:
		return KK_EINVAL; /* getopt_long() has said why */
	}
}

static void defaults_set(struct mediad_options *o)
{
	const char *language = getenv("LANG");

	*o = (struct mediad_options){ .studio = { .name = "Konklave box",
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
					  .send_fps = 25 } };
}

static enum kk_err needed_check(const struct mediad_options *o)
{
	if (!o->keyd)
		return complain("needed, as in --keyd=/run/konklave/keyd/media",
		    "--keyd");
	if (!o->roomd)
		return complain("needed, as in "
				"--roomd=/run/konklave/roomd/media",
		    "--roomd");
	if (!strcmp(o->studio.screen, "kms"))
		return complain("kms is not in this build; use window, or "
				"--picture",
		    "--screen");
	if (strcmp(o->studio.screen, "none") != 0 &&
	    strcmp(o->studio.screen, "window") != 0)
		return complain("none or window", "--screen");
	return KK_OK;
}

enum kk_err mediad_options_parse(struct mediad_options *options, int argc,
    char **argv)
{
	enum kk_err err = KK_OK;
	int c;

	defaults_set(options);
	while (!err && (c = getopt_long(argc, argv, "h", table, NULL)) != -1)
		err = option_take(options, c, optarg);
	if (!err && optind < argc)
		err = complain("what is this for?", argv[optind]);
	if (!err && !options->is_done)
		err = needed_check(options);
	return err;
}
