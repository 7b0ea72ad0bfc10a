/* mapping.c - the device-mapper's device "root", by its ioctls. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rootinit.h"

struct request { /* Source: linux/dm-ioctl.h */
	struct dm_ioctl head;
	struct dm_target_spec target;
	char table[VERITY_TABLE_BYTES];
};

static void request_init(struct request *r, uint32_t flags)
{
	memset(r, 0, sizeof(*r));
	r->head.version[0] = DM_VERSION_MAJOR;
	r->head.data_size = sizeof(*r);
	r->head.data_start = offsetof(struct request, target);
	r->head.flags = flags;
	(void)snprintf(r->head.name, sizeof(r->head.name), "root");
}

static enum kk_err request_send(struct request *r, unsigned long what)
{
	int file = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	int result = file < 0 ? -1 : ioctl(file, what, r);

	if (result < 0)
		rootinit_say("device-mapper: %s", strerror(errno));
	if (file >= 0)
		(void)close(file);
	return result < 0 ? KK_EIO : KK_OK;
}

static enum kk_err table_load(const struct verity_root *root,
    const char *device, enum verity_mode mode)
{
	struct request r;
	enum kk_err err;

	request_init(&r, DM_READONLY_FLAG);
	r.head.target_count = 1;
	r.target.length = verity_sectors(root);
	(void)snprintf(r.target.target_type, sizeof(r.target.target_type),
	    "verity");
	err = verity_table_write(root, device, mode, r.table, sizeof(r.table));
	return err ? err : request_send(&r, DM_TABLE_LOAD);
}

/* The table that was loaded last becomes the one that works. */
static enum kk_err resume(void)
{
	struct request r;

	request_init(&r, 0);
	return request_send(&r, DM_DEV_SUSPEND);
}

enum kk_err mapping_make(const struct verity_root *root, const char *device,
    char *path, size_t path_bytes)
{
	struct request r;
	enum kk_err err;

	request_init(&r, DM_READONLY_FLAG);
	err = request_send(&r, DM_DEV_CREATE);
	if (err)
		return err;
	(void)snprintf(path, path_bytes, "/dev/dm-%u", minor(r.head.dev));
	err = table_load(root, device, VERITY_PROBE);
	if (!err)
		err = resume();
	if (err)
		mapping_remove();
	return err;
}

enum kk_err mapping_harden(const struct verity_root *root, const char *device)
{
	struct request r;
	enum kk_err err = table_load(root, device, VERITY_RUN);

	if (err)
		return err;
	request_init(&r, DM_SUSPEND_FLAG);
	err = request_send(&r, DM_DEV_SUSPEND);
	return err ? err : resume();
}

void mapping_remove(void)
{
	struct request r;

	request_init(&r, 0);
	if (request_send(&r, DM_DEV_REMOVE))
		rootinit_say("a mapping stays");
}
