/* person.c - one member's pictures. */
#include "pipelines/graphs/person.h"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "pipelines/graphs/build.h"

enum { QUEUE_FRAMES = 30, PICTURE_MAX_BYTES = 4 * 1024 * 1024 };

struct gate {
	gint refs;
	GMutex lock;
	bool is_open;
	void (*key_frame_wanted)(void *arg);
	void *arg;
};

struct person {
	struct gate *gate;
	struct reaper *reaper;
	struct frames *frames;
	GstElement *pipeline, *size;
	GstAppSrc *in;
	unsigned width, height;
	bool is_vp9;
	GByteArray *picture; /* the layers that have come of it */
	uint32_t picture_timestamp;
	bool needs_key; /* what came before is lost */
};

static void gate_unref(gpointer arg)
{
	struct gate *gate = arg;

	if (!g_atomic_int_dec_and_test(&gate->refs))
		return;
	g_mutex_clear(&gate->lock);
	g_free(gate);
}

static GstPadProbeReturn event_passed(GstPad *pad, GstPadProbeInfo *info,
    gpointer arg)
{
	struct gate *gate = arg;

	(void)pad;
	if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
		return GST_PAD_PROBE_OK;
	g_mutex_lock(&gate->lock);
	if (gate->is_open)
		gate->key_frame_wanted(gate->arg);
	g_mutex_unlock(&gate->lock);
	return GST_PAD_PROBE_OK;
}

void person_size_set(struct person *person, unsigned width, unsigned height)
{
	g_autoptr(GstCaps) caps = NULL;

	if (width == person->width && height == person->height)
		return;
	person->width = width;
	person->height = height;
	caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING,
	    "BGRx", "width", G_TYPE_INT, (int)width, "height", G_TYPE_INT,
	    (int)height, "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, NULL);
	g_object_set(person->size, "caps", caps, NULL);
}

/* One thread: a tile is small, and there are many (FINDINGS.md says more of
 * libvpx's threads). */
static const char launch[] =
    "appsrc name=in format=time is-live=true do-timestamp=true "
    "max-bytes=0 caps=video/x-%s "
    "! %sdec threads=1 max-errors=-1 automatic-request-sync-points=true "
    "! videoconvertscale add-borders=true ! capsfilter name=size "
    "! appsink name=out sync=false async=false max-buffers=1 drop=true";

enum kk_err person_new(struct person **personp,
    const struct person_config *config)
{
	const char *codec = config->is_vp9 ? "vp9" : "vp8";
	g_autofree char *text = g_strdup_printf(launch, codec, codec);
	g_autoptr(GstElement) out = NULL;
	g_autoptr(GstPad) pad = NULL;
	GstElement *pipeline = NULL;
	struct person *p;
	enum kk_err err = build_pipeline(&pipeline, text);

	if (err)
		return err;
	p = g_new0(struct person, 1);
	p->gate = g_new0(struct gate, 1);
	*p->gate = (struct gate){ .refs = 2,
		.is_open = true,
		.key_frame_wanted = config->key_frame_wanted,
		.arg = config->arg };
	g_mutex_init(&p->gate->lock);
	p->reaper = config->reaper;
	p->is_vp9 = config->is_vp9;
	p->picture = g_byte_array_new();
	p->needs_key = true;
	p->frames = frames_ref(config->frames);
	p->pipeline = pipeline;
	p->in = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(pipeline), "in"));
	p->size = gst_bin_get_by_name(GST_BIN(pipeline), "size");
	out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
	person_size_set(p, config->width, config->height);
	frames_attach(out, p->frames);
	pad = gst_element_get_static_pad(GST_ELEMENT(p->in), "src");
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, event_passed,
	    p->gate, gate_unref);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	*personp = p;
	return KK_OK;
}

void person_free(struct person *person)
{
	if (!person)
		return;
	g_mutex_lock(&person->gate->lock);
	person->gate->is_open = false;
	g_mutex_unlock(&person->gate->lock);
	gate_unref(person->gate);
	gst_object_unref(person->in);
	gst_object_unref(person->size);
	reaper_give(person->reaper, person->pipeline);
	frames_unref(person->frames);
	g_byte_array_unref(person->picture);
	g_free(person);
}

bool person_is_vp9(const struct person *person)
{
	return person->is_vp9;
}

/* RFC 6386, 9.1: the lowest bit of the first byte is 0 in a key frame. */
static bool is_key_frame(struct kk_view frame)
{
	return frame.bytes > 0 && !(frame.data[0] & 1);
}

/* VP9 Bitstream & Decoding Process Specification, 6.2: frame_marker, profile 0
 * (no other is agreed on), show_existing_frame and frame_type of 0. */
static bool is_vp9_key_frame(struct kk_view frame)
{
	enum { HEAD_MASK = 0xfc, KEY_HEAD = 0x80 };

	return frame.bytes > 0 && (frame.data[0] & HEAD_MASK) == KEY_HEAD;
}

/* A decoder that is behind gets no more until a key frame: dropping single
 * frames would only break the picture. */
static bool may_decode(struct person *person, bool is_key)
{
	if (gst_app_src_get_current_level_buffers(person->in) >= QUEUE_FRAMES)
		person->needs_key = true;
	else if (is_key)
		person->needs_key = false;
	if (person->needs_key)
		person->gate->key_frame_wanted(person->gate->arg);
	return !person->needs_key;
}

static void push(struct person *person, struct kk_view picture)
{
	gst_app_src_push_buffer(person->in,
	    gst_buffer_new_memdup(picture.data, picture.bytes));
}

void person_frame(struct person *person, struct kk_view frame)
{
	if (may_decode(person, is_key_frame(frame)))
		push(person, frame);
}

/* libvpx decodes a picture's layers from one buffer, and gives the largest. */
static void picture_end(struct person *person)
{
	GByteArray *p = person->picture;

	if (p->len > 0)
		push(person, kk_view_of(p->data, p->len));
	g_byte_array_set_size(p, 0);
}

void person_layer(struct person *person, struct kk_view layer,
    uint32_t timestamp, bool ends_picture)
{
	GByteArray *p = person->picture;

	if (p->len > 0 && timestamp != person->picture_timestamp)
		picture_end(person);
	if (p->len == 0 && !may_decode(person, is_vp9_key_frame(layer)))
		return;
	person->picture_timestamp = timestamp;
	if (p->len + layer.bytes <= PICTURE_MAX_BYTES)
		g_byte_array_append(p, layer.data, (guint)layer.bytes);
	else
		person_frame_lost(person);
	if (ends_picture)
		picture_end(person);
}

void person_frame_lost(struct person *person)
{
	person->needs_key = true;
	g_byte_array_set_size(person->picture, 0);
}

static GstPadProbeReturn hang(GstPad *pad, GstPadProbeInfo *info, gpointer arg)
{
	(void)pad;
	(void)info;
	(void)arg;
	return GST_PAD_PROBE_OK; /* and stay blocked */
}

void person_hang(struct person *person)
{
	g_autoptr(GstPad)
	    pad = gst_element_get_static_pad(person->size, "sink");

	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, hang, NULL,
	    NULL);
}
