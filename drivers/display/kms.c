/* kms.c - the kernel's own screen (DRM/KMS): the box has no desktop. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/display/display_internal.h"
#include "drivers/display/modes.h"

enum {
	CARDS_MAX = 16,
	PATH_BYTES = 32,
	DRIVER_BYTES = 64,
	SCALE_BYTES = 128,
	LAUNCH_BYTES = 320
};

struct kms {
	struct display_ops ops;
	char launch[LAUNCH_BYTES];
	/* Of the screen that was found last; connector 0: none. */
	unsigned card;
	char driver[DRIVER_BYTES];
	uint32_t connector;
};

static void kms_close(void *ctx)
{
	kk_free(ctx);
}

static int card_open(unsigned number)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "/dev/dri/card%u", number);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* kmssink asks for a card by its driver's name. */
static bool driver_get(int file, char name[DRIVER_BYTES])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	drmVersion *version = drmGetVersion(file);
	bool is_plain = version && version->name && version->name[0] &&
	    !version->name[strspn(version->name, plain)] &&
	    strlen(version->name) < DRIVER_BYTES;

	if (is_plain)
		memcpy(name, version->name, strlen(version->name) + 1);
	drmFreeVersion(version);
	return is_plain;
}

/* The first screen of a card that is connected; NULL: none.  Its driver looks
 * for screens that came since, if nobody has this card now. */
static drmModeConnector *screen_find(int file, bool *has_connectors)
{
	drmModeRes *all = drmModeGetResources(file);
	drmModeConnector *found = NULL;

	*has_connectors = all && all->count_connectors > 0;
	for (int i = 0; all && i < all->count_connectors && !found; i++) {
		drmModeConnector *c = drmModeGetConnector(file,
		    all->connectors[i]);

		if (c && c->connection == DRM_MODE_CONNECTED &&
		    modes_for(c, 0, 0))
			found = c;
		else
			drmModeFreeConnector(c);
	}
	drmModeFreeResources(all);
	return found;
}

static void launch_make(struct kms *k, const drmModeModeInfo *mode,
    unsigned width, unsigned height)
{
	char scale[SCALE_BYTES] = "";

	if (mode->hdisplay != width || mode->vdisplay != height)
		(void)snprintf(scale, sizeof(scale),
		    "videoconvertscale add-borders=true "
		    "! video/x-raw,width=%u,height=%u,pixel-aspect-ratio=1/1 "
		    "! ",
		    mode->hdisplay, mode->vdisplay);
	/* The mode is set by the size of what comes.  Pictures are shown as
	 * they come: the screen has its own pace. */
	(void)snprintf(k->launch, sizeof(k->launch),
	    "%svideoconvert ! kmssink driver-name=%s connector-id=%u "
	    "force-modesetting=true sync=false",
	    scale, k->driver, k->connector);
}

/* Is there a screen at this card, and what would a picture there be? */
static bool card_look(struct kms *k, unsigned number, unsigned width,
    unsigned height, bool *has_connectors)
{
	int file = card_open(number);
	drmModeConnector *screen;

	*has_connectors = false;
	if (file < 0)
		return false;
	screen = driver_get(file, k->driver) ?
	    screen_find(file, has_connectors) :
	    NULL;
	if (screen) {
		k->card = number;
		k->connector = screen->connector_id;
		launch_make(k, modes_for(screen, width, height), width, height);
		(void)modes_size(screen, &k->ops.width, &k->ops.height);
		drmModeFreeConnector(screen);
	}
	(void)close(file);
	return screen;
}

static bool cards_look(struct kms *k, unsigned width, unsigned height,
    bool *has_any)
{
	bool is_found = false, has_connectors;

	*has_any = false;
	k->connector = 0;
	for (unsigned i = 0; i < CARDS_MAX && !is_found; i++) {
		is_found = card_look(k, i, width, height, &has_connectors);
		*has_any = *has_any || has_connectors;
	}
	return is_found;
}

static enum kk_err kms_renew(void *ctx, unsigned width, unsigned height)
{
	struct kms *k = ctx;
	bool has_any;

	return cards_look(k, width, height, &has_any) ? KK_OK : KK_ENOENT;
}

/* As the kernel knows it: nothing is asked of the screen. */
static bool kms_is_other(const void *ctx)
{
	const struct kms *k = ctx;
	drmModeConnector *screen;
	bool is_there;
	int file = card_open(k->card);

	if (file < 0)
		return true;
	screen = drmModeGetConnectorCurrent(file, k->connector);
	is_there = screen && screen->connection == DRM_MODE_CONNECTED;
	drmModeFreeConnector(screen);
	(void)close(file);
	return !is_there;
}

enum kk_err display_kms_open(struct display **displayp)
{
	struct kms *kms = kk_calloc(1, sizeof(*kms));
	bool has_any;

	if (!kms)
		return KK_ENOMEM;
	if (!cards_look(kms, 0, 0, &has_any) && !has_any) {
		kk_free(kms);
		return KK_ENOENT;
	}
	kms->launch[0] = '\0';
	kms->ops.launch = kms->launch;
	kms->ops.renew = kms_renew;
	kms->ops.is_other = kms_is_other;
	kms->ops.close = kms_close;
	return display_new(displayp, &kms->ops, kms);
}
