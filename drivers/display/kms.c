/* kms.c - the kernel's own screen (DRM/KMS): the box has no desktop. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <drm/drm.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/display/display_internal.h"

enum { CARDS_MAX = 16, NAME_BYTES = 64, LAUNCH_BYTES = 192 };

struct kms {
	struct display_ops ops;
	char launch[LAUNCH_BYTES];
};

static void kms_close(void *ctx)
{
	kk_free(ctx);
}

static bool name_is_plain(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return name[0] && !name[strspn(name, plain)];
}

/* The driver of a card; kmssink asks for one by its name. */
static bool card_name(unsigned number, char name[NAME_BYTES])
{
	struct drm_version version = { .name = name,
		.name_len = NAME_BYTES - 1 };
	char path[NAME_BYTES];
	bool is_there;
	int file;

	(void)snprintf(path, sizeof(path), "/dev/dri/card%u", number);
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		return false;
	memset(name, 0, NAME_BYTES);
	is_there = !ioctl(file, DRM_IOCTL_VERSION, &version) &&
	    name_is_plain(name);
	(void)close(file);
	return is_there;
}

enum kk_err display_kms_open(struct display **displayp)
{
	char name[NAME_BYTES];
	struct kms *kms;
	unsigned card = 0;

	while (card < CARDS_MAX && !card_name(card, name))
		card++;
	if (card == CARDS_MAX)
		return KK_ENOENT;
	kms = kk_calloc(1, sizeof(*kms));
	if (!kms)
		return KK_ENOMEM;
	/* The mode is set by the picture's size, which the screen must have.
	 * Pictures are shown as they come: the screen has its own pace. */
	(void)snprintf(kms->launch, sizeof(kms->launch),
	    "videoconvert ! kmssink driver-name=%s force-modesetting=true "
	    "sync=false",
	    name);
	kms->ops = (struct display_ops){ .launch = kms->launch,
		.close = kms_close };
	return display_new(displayp, &kms->ops, kms);
}
