/*
 * verity.h - which root is booted, as the kernel's command line says it, and
 * the device-mapper's table for it.  No state, no clock, no devices.
 *
 * The command line is part of the signed kernel image: what stands in it is the
 * end of the chain of signatures, and nothing of it is read from the disk.
 */
#pragma once
#include "base/base.h"

enum {
	VERITY_BLOCK_BYTES = 4096,
	VERITY_HEX_BYTES = 65, /* SHA-256 in hex, and the end */
	VERITY_LABEL_BYTES = 7, /* root-a */
	VERITY_TABLE_BYTES = 512,
	VERITY_DEVICE_BYTES = 24 /* 4294967295:4294967295 */
};

struct verity_root {
	char label[VERITY_LABEL_BYTES]; /* of the partition */
	char hash[VERITY_HEX_BYTES]; /* of the tree's root */
	char salt[VERITY_HEX_BYTES];
	uint32_t blocks; /* of the file system; the tree follows it */
};

enum verity_mode {
	VERITY_PROBE, /* a wrong block is an error of reading */
	VERITY_RUN /* a wrong block stops the machine */
};

/*
 * Reads konklave.slot=a|b, konklave.hash=, konklave.salt= (64 small hex digits
 * each) and konklave.blocks=NUMBER from the command line, whose other words are
 * the kernel's.  On error *root is left alone.
 * Errors: KK_ENOENT one is not there, KK_EEXIST one is there twice, KK_EFORMAT
 * one has another form.
 */
MUST_CHECK enum kk_err verity_root_parse(struct verity_root *root,
    struct kk_view line);

/* 512-byte sectors of the mapped device. */
uint64_t verity_sectors(const struct verity_root *root);

/*
 * The table's text: device is "MAJOR:MINOR" of the partition.  On error out is
 * "".  Errors: KK_EINVAL device is none, KK_ENOSPC.
 * Source: the kernel's Documentation/admin-guide/device-mapper/verity.rst.
 */
MUST_CHECK enum kk_err verity_table_write(const struct verity_root *root,
    const char *device, enum verity_mode mode, char *out, size_t room_bytes);

/*
 * Whether a block device's uevent file names it a partition of this label
 * (PARTNAME=).
 */
bool verity_uevent_is(struct kk_view uevent, const char *label);

/* Its MAJOR= and MINOR= as "MAJOR:MINOR".  On error out is "".
 * Errors: KK_ENOENT, KK_EFORMAT. */
MUST_CHECK enum kk_err verity_uevent_device(struct kk_view uevent,
    char out[VERITY_DEVICE_BYTES]);
