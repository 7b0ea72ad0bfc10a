/* camera.c - finding the kind of a camera. */
#include <string.h>

#include "drivers/camera/camera_internal.h"

enum {
	WIDTH_MIN = 64,
	HEIGHT_MIN = 36,
	WIDTH_MAX = 3840,
	HEIGHT_MAX = 2160,
	QUOTES_BYTES = 3 /* two, and the final zero */
};

struct camera {
	const struct camera_ops *ops;
	void *ctx;
};

enum kk_err camera_new(struct camera **camerap, const struct camera_ops *ops,
    void *ctx)
{
	struct camera *camera = kk_calloc(1, sizeof(*camera));

	if (!camera) {
		ops->close(ctx);
		return KK_ENOMEM;
	}
	*camera = (struct camera){ ops, ctx };
	*camerap = camera;
	return KK_OK;
}

bool camera_is_auto(const char *kind)
{
	const char *words = kind + sizeof(CAMERA_AUTO) - 1;

	return !strncmp(kind, CAMERA_AUTO, sizeof(CAMERA_AUTO) - 1) &&
	    (!*words || *words == ':');
}

enum kk_err camera_open(struct camera **camerap,
    const struct camera_config *config)
{
	if (config->width < WIDTH_MIN || config->width > WIDTH_MAX ||
	    config->height < HEIGHT_MIN || config->height > HEIGHT_MAX)
		return KK_EINVAL;
	if (!strcmp(config->kind, "synthetic")) {
#ifdef KK_CAMERA_SANDBOX
		return camera_sandbox_open(camerap, config);
#else
		return KK_EUNSUP;
#endif
	}
	if (camera_is_auto(config->kind) ||
	    !strncmp(config->kind, "/dev/", 5)) {
#ifdef KK_CAMERA_V4L2
		return camera_v4l2_open(camerap, config);
#else
		return KK_EUNSUP;
#endif
	}
#ifdef KK_CAMERA_FILE
	return camera_file_open(camerap, config);
#else
	return KK_EUNSUP;
#endif
}

void camera_close(struct camera *camera)
{
	if (!camera)
		return;
	camera->ops->close(camera->ctx);
	kk_free(camera);
}

const char *camera_launch(const struct camera *camera)
{
	return camera->ops->launch ? camera->ops->launch(camera->ctx) : NULL;
}

const char *camera_name(const struct camera *camera)
{
	return camera->ops->name ? camera->ops->name(camera->ctx) : "";
}

bool camera_is_looping(const struct camera *camera)
{
	return camera->ops->is_looping;
}

void camera_draw(struct camera *camera, uint8_t *pixels, size_t stride_bytes,
    uint64_t now_ms)
{
	if (camera->ops->draw)
		camera->ops->draw(camera->ctx, pixels, stride_bytes, now_ms);
}

char *camera_launch_make(const char *before, const char *path,
    const char *after)
{
	/* Each of the path's bytes may need a backslash. */
	char *text = kk_calloc(strlen(before) + 2 * strlen(path) +
		strlen(after) + QUOTES_BYTES,
	    1);
	char *at = text;

	if (!text)
		return NULL;
	memcpy(at, before, strlen(before));
	at += strlen(before);
	*at++ = '"';
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			*at++ = '\\';
		*at++ = *path;
	}
	*at++ = '"';
	memcpy(at, after, strlen(after) + 1);
	return text;
}

unsigned camera_number_of(const char *name)
{
	uint32_t hash = 2166136261U; /* FNV-1a, 32 bits */

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619U;
	return (hash ^ hash >> 16) % CAMERA_NUMBERS;
}
