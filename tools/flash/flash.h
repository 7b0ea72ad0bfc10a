/*
 * flash.h - konklave-flash: writes a signed image to a box's disk.
 *
 * A package is a file:
 *
 *	"KKFLASH1", u32 bytes of the manifest, u32 bytes of the signature
 *	manifest     text, see flash_manifest_parse()
 *	signature    CMS, detached, DER (RFC 5652), of the manifest's bytes
 *	chunks       one zstd frame each (RFC 8878), in the image's order
 *
 * The manifest has each chunk's SHA-256, so the signature covers all.  Nothing
 * of a package is written before its manifest is verified, and no chunk before
 * its hash is.
 */
#pragma once
#include <stdio.h>
#include <sys/types.h>

#include "base/base.h"
#include "profile/profile.h"

enum {
	FLASH_HASH_BYTES = 32,
	FLASH_HEAD_BYTES = 16,
	FLASH_NAME_BYTES = 33, /* of a board or a version, with final zero */
	FLASH_CHUNK_BYTES = 4 << 20, /* what we pack */
	FLASH_CHUNK_MIN = 64 << 10,
	FLASH_CHUNK_MAX = 16 << 20,
	FLASH_CHUNKS_MAX = 16384, /* 64 GiB at 4 MiB each */
	FLASH_MANIFEST_MAX = 2 << 20,
	FLASH_SIGNATURE_MAX = 64 << 10,
	FLASH_PATH_BYTES = 4096
};

/* --- the manifest (manifest.c) -------------------------------------------- */

struct flash_chunk {
	uint64_t at; /* where its frame is, from the first frame on */
	uint32_t frame_bytes; /* 0: all of the chunk is zero */
	uint8_t hash[FLASH_HASH_BYTES]; /* of its content */
};

struct flash_manifest {
	char board[FLASH_NAME_BYTES], version[FLASH_NAME_BYTES];
	uint64_t image_bytes;
	uint32_t chunk_bytes; /* the last one may be shorter */
	size_t count;
	struct flash_chunk *chunks;
};

/*
 * Lines, each with its line feed:
 *
 *	konklave-image 1
 *	board NAME                  letters, digits, . _ -
 *	version NAME
 *	image-bytes N
 *	chunk-bytes N
 *	chunk FRAME-BYTES SHA256    or
 *	hole                        a chunk of zeros
 *
 * On success to be released with flash_manifest_clear(); on error nothing is.
 * Errors: KK_EFORMAT, KK_ELIMIT, KK_EUNSUP another format's number, KK_ENOMEM.
 */
MUST_CHECK enum kk_err flash_manifest_parse(struct flash_manifest *m,
    struct kk_view text);
MUST_CHECK enum kk_err flash_manifest_write(const struct flash_manifest *m,
    struct kk_bytes *out);
void flash_manifest_clear(struct flash_manifest *m);

/* How much of the image a chunk has. */
size_t flash_chunk_bytes(const struct flash_manifest *m, size_t i);

/* --- signatures (sign.c) -------------------------------------------------- */

/*
 * Whether a certificate for signing code, from an anchor of the PEM file,
 * signed the text.  signer gets its name.  Errors: KK_EUNTRUSTED, KK_EVERIFY,
 * KK_ENOENT no such file, KK_EFORMAT nothing in it, KK_ENOMEM.
 */
MUST_CHECK enum kk_err flash_signature_check(struct kk_view text,
    struct kk_view signature, const char *anchors, char *signer,
    size_t signer_room);
/* chain: the signer's certificate, then those above it, PEM. */
MUST_CHECK enum kk_err flash_signature_make(struct kk_view text,
    const char *key, const char *chain, struct kk_bytes *out);

/* --- packages (package.c, pack.c) ----------------------------------------- */

struct flash_package {
	int fd;
	uint64_t chunks_at; /* where the first frame is in the file */
	struct flash_manifest manifest;
	char signer[128];
	void *zstd;
	uint8_t *frame; /* room for the largest one */
};

/*
 * Opens a package and verifies its manifest.  To be released with
 * flash_package_close() in any case.  Errors: those of the above, KK_EIO,
 * KK_ETRUNC.
 */
MUST_CHECK enum kk_err flash_package_open(struct flash_package *p,
    const char *path, const char *anchors);
void flash_package_close(struct flash_package *p);

/* A chunk's content, verified; out has chunk_bytes.  Errors: KK_EIO, KK_ETRUNC,
 * KK_EFORMAT, KK_EVERIFY. */
MUST_CHECK enum kk_err flash_package_chunk(struct flash_package *p, size_t i,
    uint8_t *out);

/* Calls of long work; bytes done of all. */
struct flash_progress {
	void (*tell)(void *arg, const char *phase, uint64_t done, uint64_t all);
	void *arg;
};

struct flash_pack {
	const char *image, *out, *board, *version, *key, *chain;
};
MUST_CHECK enum kk_err flash_pack(const struct flash_pack *pack,
    const struct flash_progress *progress);

/* --- disks (disks.c, content.c) ------------------------------------------- */

enum { FLASH_DISKS_MAX = 64 };

struct flash_disk {
	char name[32]; /* sda */
	char model[64];
	uint64_t bytes;
	bool is_removable, is_usb, is_read_only;
	bool is_used; /* mounted, swapped on, or under another device */
	bool is_system; /* the running system is on it */
	char used_as[128]; /* first mount point, "swap" or a device's name */
	char content[160]; /* in a few words; "" unknown */
};

/*
 * What the kernel has under root ("" is the machine's own; tests have a folder
 * with sys/ and proc/ in it).  Errors: KK_EIO.
 */
MUST_CHECK enum kk_err flash_disks_list(const char *root,
    struct flash_disk *disks, size_t *count);
void flash_content_read(const char *path, char *text, size_t room);

/* --- the disk's table (gpt.c) --------------------------------------------- */

struct flash_part {
	uint64_t at, bytes;
};

/*
 * The partition of a name in a disk's first bytes (GUID partition table with
 * sectors of 512 bytes, UEFI 2.10, 5.3).  Errors: KK_EFORMAT no such table,
 * KK_ENOENT no such partition, KK_ETRUNC.
 */
MUST_CHECK enum kk_err flash_gpt_find(struct kk_view disk, const char *name,
    struct flash_part *part);

/* --- writing (write.c, target.c) ------------------------------------------ */

/* A file or a disk; tests have others.  Each returns as its system call. */
struct flash_io {
	ssize_t (*read)(void *arg, void *to, size_t bytes, uint64_t at);
	ssize_t (*write)(void *arg, const void *from, size_t bytes,
	    uint64_t at);
	int (*zero)(void *arg, uint64_t bytes, uint64_t at); /* -1: write it */
	int (*sync)(void *arg); /* and forget what is in memory */
};

struct flash_target {
	const struct flash_io *io;
	void *arg;
	uint64_t bytes;
};

struct flash_source { /* chunks in order of their numbers */
	const struct flash_manifest *manifest;
	enum kk_err (*chunk)(void *arg, size_t i, uint8_t *out);
	void *arg;
};

struct flash_written {
	uint64_t wrote_bytes, kept_bytes; /* kept: were there before (resume) */
	size_t bad_chunk; /* of KK_EVERIFY */
};

/*
 * Writes an image, reads all back and compares.  What boots goes first, and the
 * disk's table and its copy come last: wherever it is cut off, nothing boots or
 * all is there.  With resume what is on the disk already is compared and kept.
 * With a record it is put into the partition "profile".
 * Errors: KK_ENOSPC too small, KK_EIO, KK_EVERIFY another content came back,
 * KK_ENOENT no such partition, KK_ENOMEM, the source's.
 */
MUST_CHECK enum kk_err flash_write(const struct flash_source *source,
    const struct flash_target *target, bool resumes, struct kk_view record,
    const struct flash_progress *progress, struct flash_written *written);

/*
 * What a profile's partition begins with: "KKPROF01", u32 bytes, SHA-256 of
 * the text, the text.  out is the caller's.  Errors: KK_ENOMEM, KK_ELIMIT.
 */
MUST_CHECK enum kk_err flash_record_make(struct kk_view text,
    struct kk_bytes *out);

/*
 * The text in what a profile's partition begins with; what is behind does not
 * count.  Errors: as of the next.
 */
MUST_CHECK enum kk_err flash_record_parse(struct kk_view data,
    struct kk_view *text);

/*
 * Reads what flash_record_make() made from the beginning of a file or
 * partition. record is the caller's, text in it.  Errors: KK_ENOENT there are
 * zeros, KK_EFORMAT, KK_ELIMIT, KK_EVERIFY another hash, KK_EIO, KK_ETRUNC,
 * KK_ENOMEM.
 */
MUST_CHECK enum kk_err flash_record_read(const char *path,
    struct kk_bytes *record, struct kk_view *text);

struct flash_device {
	int fd;
	bool is_file, is_read_only;
	struct flash_target target;
};

/* is_shared: even though something else uses it.  Errors: KK_ENOENT,
 * KK_EDENIED (is_read_only says why), KK_ESTATE it is in use, KK_EINVAL neither
 * file nor disk, KK_EIO. */
MUST_CHECK enum kk_err flash_device_open(struct flash_device *d,
    const char *path, bool is_shared);
void flash_device_close(struct flash_device *d);

/* --- people (words.c, json.c, show.c) ------------------------------------- */

enum flash_word {
	WORD_DISKS_NONE,
	WORD_USED,
	WORD_SYSTEM,
	WORD_READ_ONLY,
	WORD_DENIED,
	WORD_EMPTY,
	WORD_WRITING,
	WORD_READING,
	WORD_PACKING,
	WORD_IMAGE, /* {1} board, {2} version, {3} signer */
	WORD_ASK, /* {1} device */
	WORD_NOT_ASKED,
	WORD_DONE, /* {1} device */
	WORD_PERSONAL, /* {1} room's name */
	WORD_NEXT,
	WORD_BOARD, /* {1} the package's, {2} wanted */
	WORD_SMALL, /* {1} bytes there, {2} needed */
	WORD_IS_USED, /* {1} device, {2} as what */
	WORD_IS_SYSTEM, /* {1} device */
	WORD_DIFFERS, /* {1} where */
	WORD_LOST, /* {1} device */
	WORD_BROKEN, /* {1} file */
	WORD_UNTRUSTED, /* {1} file */
	WORD_NO_PLACE,
	WORD_PROFILE, /* {1} file, {2} line, {3} what */
	WORD_ROW, /* {1} row, {2} file */
	WORD_OPEN, /* {1} file, {2} why */
	WORD_LEFT, /* {1} time */
	WORD_STICK_NONE, /* from here on: of the installer stick */
	WORD_STICKS,
	WORD_STICK_PROFILE,
	WORD_DISK_NONE,
	WORD_DISK_SMALL,
	WORD_COUNT, /* {1} disk, {2} seconds */
	WORD_WHICH,
	WORD_NOT_INSTALLED,
	WORD_INSTALLED,
	WORD_INSTALL_FAILED, /* {1} disk, {2} why */
	WORD_OFF,
	FLASH_WORDS
};

const char *flash_word(enum flash_word word);
/* A line of that word with its values, on out. */
void flash_tell(FILE *out, enum flash_word word, const char *one,
    const char *two, const char *three);

/* A text as JSON has it, quotes included.  Our own, since no JSON library is
 * there to be linked statically, and nothing is read. */
void flash_json_text(FILE *out, const char *text);

/* 4.2 GB, or 4,2 GB: decimal, as disks are sold. */
void flash_size_text(char text[16], uint64_t bytes);
