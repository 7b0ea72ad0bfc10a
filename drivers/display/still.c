/* still.c - the kernel's own screen (DRM/KMS) for pictures that stand still:
 * one buffer in memory, drawn into.  The screen goes back to nobody when it
 * closes. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "drivers/display/display_internal.h"

enum {
	CARDS_MAX = 16,
	PATH_BYTES = 64,
	BITS = 32,
	DEPTH = 24,
	PIXEL_BYTES = 4,
	INTERVAL_MS = 1000,
	WIDTH_MAX = 8192
};

struct still {
	struct display_ops ops;
	int fd;
	uint32_t connector, crtc, frame;
	drmModeModeInfo mode;
	struct drm_mode_create_dumb buffer;
	uint8_t *pixels;
};

/* The connector's own size, which it calls its preferred one, or its first. */
static bool mode_choose(struct still *s, const drmModeConnector *c)
{
	if (c->connection != DRM_MODE_CONNECTED || c->count_modes == 0)
		return false;
	s->mode = c->modes[0];
	for (int i = 0; i < c->count_modes; i++) {
		if (c->modes[i].type & DRM_MODE_TYPE_PREFERRED) {
			s->mode = c->modes[i];
			break;
		}
	}
	s->connector = c->connector_id;
	return s->mode.hdisplay > 0 && s->mode.hdisplay <= WIDTH_MAX &&
	    s->mode.vdisplay > 0 && s->mode.vdisplay <= WIDTH_MAX;
}

static bool crtc_choose(struct still *s, const drmModeRes *all,
    const drmModeConnector *c)
{
	for (int i = 0; i < c->count_encoders; i++) {
		drmModeEncoder *e = drmModeGetEncoder(s->fd, c->encoders[i]);

		for (int k = 0; e && k < all->count_crtcs && !s->crtc; k++) {
			if (e->possible_crtcs & 1U << (unsigned)k)
				s->crtc = all->crtcs[k];
		}
		drmModeFreeEncoder(e);
	}
	return s->crtc != 0;
}

static bool screen_find(struct still *s)
{
	drmModeRes *all = drmModeGetResources(s->fd);
	bool is_found = false;

	for (int i = 0; all && i < all->count_connectors && !is_found; i++) {
		drmModeConnector *c = drmModeGetConnector(s->fd,
		    all->connectors[i]);

		is_found = c && mode_choose(s, c) && crtc_choose(s, all, c);
		drmModeFreeConnector(c);
	}
	drmModeFreeResources(all);
	return is_found;
}

static bool buffer_make(struct still *s)
{
	struct drm_mode_map_dumb map = { 0 };
	void *pixels;

	s->buffer = (struct drm_mode_create_dumb){ .width = s->mode.hdisplay,
		.height = s->mode.vdisplay,
		.bpp = BITS };
	if (drmIoctl(s->fd, DRM_IOCTL_MODE_CREATE_DUMB, &s->buffer))
		return false;
	map.handle = s->buffer.handle;
	if (drmModeAddFB(s->fd, s->buffer.width, s->buffer.height, DEPTH, BITS,
		s->buffer.pitch, s->buffer.handle, &s->frame) ||
	    drmIoctl(s->fd, DRM_IOCTL_MODE_MAP_DUMB, &map))
		return false;
	pixels = mmap(NULL, s->buffer.size, PROT_READ | PROT_WRITE, MAP_SHARED,
	    s->fd, (off_t)map.offset);
	if (pixels == MAP_FAILED)
		return false;
	s->pixels = pixels;
	return true;
}

static void still_close(void *ctx)
{
	struct still *s = ctx;

	/* The kernel takes back all else with the file. */
	if (s->pixels)
		(void)munmap(s->pixels, s->buffer.size);
	if (s->fd >= 0)
		(void)close(s->fd);
	kk_free(s);
}

/* Each time anew: a screen that was off or changed gets its picture again. */
static enum kk_err still_show(void *ctx, const struct display_picture *picture)
{
	struct still *s = ctx;
	const size_t bytes = (size_t)s->buffer.width * PIXEL_BYTES;

	if (picture->width != s->buffer.width ||
	    picture->height != s->buffer.height)
		return KK_EIO;
	for (size_t y = 0; y < picture->height; y++)
		memcpy(s->pixels + y * s->buffer.pitch,
		    picture->pixels + y * picture->stride_bytes, bytes);
	if (drmModeSetCrtc(s->fd, s->crtc, s->frame, 0, 0, &s->connector, 1,
		&s->mode))
		return KK_EIO;
	/* Drivers that show a copy want to be told; others do not know it. */
	(void)drmModeDirtyFB(s->fd, s->frame, NULL, 0);
	return KK_OK;
}

static bool card_open(struct still *s, unsigned number)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "/dev/dri/card%u", number);
	s->fd = open(path, O_RDWR | O_CLOEXEC);
	if (s->fd < 0)
		return false;
	if (screen_find(s) && buffer_make(s))
		return true;
	(void)close(s->fd);
	s->fd = -1;
	return false;
}

enum kk_err display_still_open(struct display **displayp)
{
	struct still *s = kk_calloc(1, sizeof(*s));
	unsigned card = 0;

	if (!s)
		return KK_ENOMEM;
	s->fd = -1;
	while (card < CARDS_MAX && !card_open(s, card))
		card++;
	if (card == CARDS_MAX) {
		still_close(s);
		return KK_ENOENT;
	}
	s->ops = (struct display_ops){ .show = still_show,
		.close = still_close,
		.interval_ms = INTERVAL_MS,
		.width = s->buffer.width,
		.height = s->buffer.height };
	return display_new(displayp, &s->ops, s);
}
