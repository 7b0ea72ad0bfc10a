/* v4l2.c - cameras of Video4Linux. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/camera/camera_internal.h"
#include "drivers/camera/nodes.h"

enum { AFTER_BYTES = 160, PATH_BYTES = 24, NAME_BYTES = 64 };

struct v4l2 {
	char *launch;
	char name[NAME_BYTES]; /* of one that was chosen */
};

static const char *v4l2_launch(const void *ctx)
{
	const struct v4l2 *v = ctx;

	return v->launch;
}

static const char *v4l2_name(const void *ctx)
{
	const struct v4l2 *v = ctx;

	return v->name;
}

static void v4l2_close(void *ctx)
{
	struct v4l2 *v = ctx;

	kk_free(v->launch);
	kk_free(v);
}

static const struct camera_ops v4l2_ops = { .launch = v4l2_launch,
	.name = v4l2_name,
	.close = v4l2_close };

/*
 * v4l2src takes what stands first here as what is liked best: of what a camera
 * has, the nearest rate, then the nearest size; without that it asks for
 * 3840x2160 at 120 pictures a second.  Most cameras have their larger sizes as
 * JPEG pictures only.
 */
#define LIKED "video/x-raw,width=%u,height=%u,framerate=[24/1,30/1]"

static struct v4l2 *v4l2_new(const struct camera_config *config,
    const char *path)
{
	struct v4l2 *v = kk_calloc(1, sizeof(*v));
	char after[AFTER_BYTES];

	if (!v)
		return NULL;
	(void)snprintf(after, sizeof(after),
	    " ! capsfilter caps=\"" LIKED ";video/x-raw;image/jpeg\" "
	    "! decodebin",
	    config->width, config->height);
	v->launch = camera_launch_make(
	    "v4l2src do-timestamp=true device=", path, after);
	if (!v->launch) {
		kk_free(v);
		return NULL;
	}
	return v;
}

/* The best one that is there now and has these words in its name. */
static enum kk_err auto_open(struct camera **camerap,
    const struct camera_config *config, const char *words)
{
	struct camera_node *nodes = kk_calloc(CAMERA_NODES_MAX, sizeof(*nodes));
	const struct camera_node *best;
	struct v4l2 *v = NULL;
	char path[PATH_BYTES];

	if (!nodes)
		return KK_ENOMEM;
	best = camera_nodes_best(nodes,
	    camera_nodes_list(nodes, CAMERA_NODES_MAX), words);
	if (!best) {
		kk_free(nodes);
		return KK_ENOENT;
	}
	(void)snprintf(path, sizeof(path), "/dev/video%u", best->number);
	v = v4l2_new(config, path);
	if (v)
		(void)snprintf(v->name, sizeof(v->name), "%s, %s", best->title,
		    path);
	kk_free(nodes);
	return v ? camera_new(camerap, &v4l2_ops, v) : KK_ENOMEM;
}

enum kk_err camera_v4l2_open(struct camera **camerap,
    const struct camera_config *config)
{
	struct v4l2 *v;

	if (camera_is_auto(config->kind))
		return auto_open(camerap, config,
		    config->kind + sizeof(CAMERA_AUTO) - 1);
	if (access(config->kind, R_OK | W_OK))
		return KK_ENOENT;
	v = v4l2_new(config, config->kind);
	return v ? camera_new(camerap, &v4l2_ops, v) : KK_ENOMEM;
}
