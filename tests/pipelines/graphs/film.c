/* film.c - a video file as the room's camera. */
#define _GNU_SOURCE /* memmem() */
#include <glib/gstdio.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <string.h>

#include "drivers/camera/strip.h"
#include "harness/tap.h"
#include "meeting.h"
#include "pipelines/graphs/camera_run.h"

/* The film, and what the camera is to make of it. */
enum {
	FILM_WIDTH = 400,
	FILM_HEIGHT = 300,
	FILM_FPS = 15,
	FILM_FRAMES = 20,
	FILM_NUMBER = 7,
	OUT_WIDTH = 640,
	OUT_HEIGHT = 360,
	OUT_FPS = 10,
	/* 4:3 in 16:9, with borders to the left and right. */
	SHOWN_WIDTH = OUT_HEIGHT * 4 / 3,
	SHOWN_LEFT = (OUT_WIDTH - SHOWN_WIDTH) / 2
};

static const char picture_branch[] =
    "appsrc name=in format=time caps=video/x-raw,format=BGRx,width=400,"
    "height=300,framerate=15/1,pixel-aspect-ratio=1/1 ! videoconvert "
    "! vp8enc deadline=1 threads=1 target-bitrate=2000000 ! queue ! mux. ";
static const char sound_branch[] =
    "audiotestsrc num-buffers=60 samplesperbuffer=1024 ! audioconvert "
    "! opusenc ! queue ! mux. ";

static GstBuffer *frame_make(unsigned n)
{
	gsize bytes = (gsize)FILM_WIDTH * FILM_HEIGHT * 4;
	struct strip strip = { FILM_NUMBER, (uint16_t)n };
	struct strip_picture picture = { g_malloc(bytes), FILM_WIDTH * 4,
		FILM_WIDTH, FILM_HEIGHT };
	GstBuffer *buffer;

	memset(picture.pixels, 128, bytes);
	strip_write(&picture, &strip);
	buffer = gst_buffer_new_wrapped(picture.pixels, bytes);
	GST_BUFFER_PTS(buffer) = n * GST_SECOND / FILM_FPS;
	GST_BUFFER_DURATION(buffer) = GST_SECOND / FILM_FPS;
	return buffer;
}

static void film_make(const char *path, bool has_picture, bool has_sound)
{
	g_autofree char *launch = g_strdup_printf(
	    "%s%s webmmux name=mux ! filesink location=\"%s\"",
	    has_sound ? sound_branch : "", has_picture ? picture_branch : "",
	    path);
	GstElement *pipeline, *in;
	GstMessage *end;
	GstBus *bus;

	pipeline = gst_parse_launch(launch, NULL);
	CHECK(pipeline != NULL);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
	for (unsigned n = 0; in && n < FILM_FRAMES; n++)
		CHECK_EQ(gst_app_src_push_buffer(GST_APP_SRC(in),
			     frame_make(n)),
		    GST_FLOW_OK);
	if (in)
		CHECK_EQ(gst_app_src_end_of_stream(GST_APP_SRC(in)),
		    GST_FLOW_OK);
	g_clear_pointer(&in, gst_object_unref);
	bus = gst_element_get_bus(pipeline);
	end = gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE,
	    GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
	CHECK_EQ(GST_MESSAGE_TYPE(end), GST_MESSAGE_EOS);
	gst_message_unref(end);
	gst_object_unref(bus);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(pipeline);
}

struct viewer {
	char folder[32];
	char *path;
	struct camera_run *run;
	struct kk_log log;
	GMutex lock; /* of all below */
	unsigned pictures, strange; /* those without the film's strip */
	unsigned passes; /* how often it began anew */
	unsigned in_pass, in_last_pass; /* pictures */
	unsigned last;
	bool is_other_size;
	GString *said;
};

static void line_came(void *arg, enum kk_log_level level, const char *line)
{
	struct viewer *v = arg;

	(void)level;
	g_mutex_lock(&v->lock);
	g_string_append_printf(v->said, "%s\n", line);
	g_mutex_unlock(&v->lock);
}

/* The brightness of the part that is not border, as grey pixels. */
static bool strip_of(GstVideoFrame *frame, struct strip *strip)
{
	const uint8_t *luma = GST_VIDEO_FRAME_PLANE_DATA(frame, 0);
	gsize stride = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0);
	g_autofree uint8_t *grey = g_malloc((gsize)SHOWN_WIDTH * OUT_HEIGHT *
	    4);
	struct strip_picture picture = { grey, SHOWN_WIDTH * 4, SHOWN_WIDTH,
		OUT_HEIGHT };

	for (gsize y = 0; y < OUT_HEIGHT; y++) {
		for (gsize x = 0; x < SHOWN_WIDTH; x++)
			memset(grey + 4 * (y * SHOWN_WIDTH + x),
			    luma[y * stride + x + SHOWN_LEFT], 4);
	}
	return luma[SHOWN_LEFT / 2] < 32 && !strip_read(strip, &picture);
}

static void picture_came(void *arg, GstSample *sample)
{
	struct viewer *v = arg;
	struct strip strip = { 0 };
	GstVideoFrame frame;
	GstVideoInfo info;
	bool is_film;

	CHECK(gst_video_info_from_caps(&info, gst_sample_get_caps(sample)));
	CHECK(gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample),
	    GST_MAP_READ));
	g_mutex_lock(&v->lock);
	v->is_other_size = v->is_other_size || info.width != OUT_WIDTH ||
	    info.height != OUT_HEIGHT || info.fps_n != OUT_FPS * info.fps_d;
	is_film = !v->is_other_size && strip_of(&frame, &strip) &&
	    strip.number == FILM_NUMBER && strip.time_10ms < FILM_FRAMES;
	v->pictures++;
	v->strange += !is_film;
	if (is_film && strip.time_10ms < v->last) {
		v->passes++;
		v->in_last_pass = v->in_pass;
		v->in_pass = 0;
	}
	v->in_pass++;
	v->last = is_film ? strip.time_10ms : v->last;
	g_mutex_unlock(&v->lock);
	gst_video_frame_unmap(&frame);
	gst_sample_unref(sample);
}

static void viewer_make(struct viewer *v, const char *name)
{
	gst_init(NULL, NULL);
	*v = (struct viewer){ .folder = "/tmp/kk-film-XXXXXX",
		.said = g_string_new(NULL) };
	v->log = (struct kk_log){ line_came, v, "test", KK_LOG_INFO };
	g_mutex_init(&v->lock);
	CHECK(g_mkdtemp(v->folder) != NULL);
	v->path = g_build_filename(v->folder, name, NULL);
}

static void viewer_start(struct viewer *v)
{
	struct camera_run_config config = { .camera = { v->path, "Room", -1,
						OUT_WIDTH, OUT_HEIGHT },
		.fps = OUT_FPS,
		.log = &v->log,
		.picture = picture_came,
		.arg = v };

	v->run = camera_run_new(&config);
}

static void viewer_end(struct viewer *v)
{
	camera_run_free(v->run);
	(void)g_remove(v->path);
	CHECK_EQ(g_rmdir(v->folder), 0);
	g_free(v->path);
	g_string_free(v->said, TRUE);
	g_mutex_clear(&v->lock);
}

static unsigned locked(struct viewer *v, const unsigned *number)
{
	unsigned n;

	g_mutex_lock(&v->lock);
	n = *number;
	g_mutex_unlock(&v->lock);
	return n;
}

static char *said(struct viewer *v)
{
	char *text;

	g_mutex_lock(&v->lock);
	text = g_strdup(v->said->str);
	g_mutex_unlock(&v->lock);
	return text;
}

static bool has_said(struct viewer *v, const char *words)
{
	g_autofree char *text = said(v);

	return strstr(text, words) != NULL;
}

static void film_check(bool has_sound)
{
	struct viewer v;

	viewer_make(&v, "a film.webm");
	film_make(v.path, true, has_sound);
	viewer_start(&v);
	AWAIT(locked(&v, &v.passes) >= 2);
	CHECK(camera_run_is_on(v.run));
	g_mutex_lock(&v.lock);
	CHECK(!v.is_other_size);
	CHECK_EQ(v.strange, 0);
	/* 20 pictures of 15 a second are 13 of 10 a second. */
	CHECK(v.in_last_pass >= 12 && v.in_last_pass <= 15);
	CHECK_STR(v.said->str, "");
	g_mutex_unlock(&v.lock);
	viewer_end(&v);
}

TEST(a_film_of_another_size_and_rate_is_the_camera_again_and_again)
{
	film_check(false);
}

TEST(the_sound_of_a_film_does_not_matter)
{
	film_check(true);
}

TEST(a_file_with_sound_alone_is_named_one_without_a_picture)
{
	struct viewer v;

	viewer_make(&v, "sound.webm");
	film_make(v.path, false, true);
	viewer_start(&v);
	AWAIT(has_said(&v, "no picture from the camera"));
	CHECK(has_said(&v, "sound.webm"));
	CHECK(has_said(&v, "KK_EFORMAT"));
	CHECK(!camera_run_is_on(v.run));
	CHECK_EQ(locked(&v, &v.pictures), 0);
	viewer_end(&v);
}

/* Such a file makes GStreamer wait for ever, without a word. */
TEST(a_film_that_is_cut_off_before_its_first_picture_is_named_so)
{
	static const uint8_t cluster[4] = { 0x1f, 0x43, 0xb6, 0x75 };
	g_autofree char *film = NULL;
	const char *at;
	struct viewer v;
	gsize bytes;

	viewer_make(&v, "cut.webm");
	film_make(v.path, true, false);
	CHECK(g_file_get_contents(v.path, &film, &bytes, NULL));
	at = memmem(film, bytes, cluster, sizeof(cluster));
	CHECK(at != NULL);
	CHECK(g_file_set_contents(v.path, film, at - film, NULL));
	viewer_start(&v);
	AWAIT(has_said(&v, "no picture from the camera"));
	CHECK(has_said(&v, "cut.webm"));
	CHECK(has_said(&v, "KK_EFORMAT"));
	viewer_end(&v);
}

/* What it says of a file with that content, and whether it says it once. */
static void broken_check(const char *content, gsize bytes)
{
	struct viewer v;

	viewer_make(&v, "broken.webm");
	CHECK(g_file_set_contents(v.path, content, (gssize)bytes, NULL));
	viewer_start(&v);
	AWAIT(has_said(&v, "no picture from the camera"));
	CHECK(has_said(&v, "broken.webm"));
	CHECK(has_said(&v, "KK_EFORMAT"));
	CHECK(!camera_run_is_on(v.run));
	/* As soon as it is a film, it is shown. */
	film_make(v.path, true, false);
	AWAIT(locked(&v, &v.pictures) >= OUT_FPS);
	g_mutex_lock(&v.lock);
	CHECK(strchr(v.said->str, '\n') == strrchr(v.said->str, '\n'));
	g_mutex_unlock(&v.lock);
	viewer_end(&v);
}

TEST(a_file_that_is_no_film_is_named_so_once_and_tried_again)
{
	static const char ebml[64] = "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01";

	broken_check("", 0);
	broken_check("This is a letter.\n", 18);
	broken_check(ebml, sizeof(ebml));
}
