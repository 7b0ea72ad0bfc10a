/* entry.c - EFI load options. */
#include <string.h>

#include "boot/boot.h"

enum {
	ACTIVE = 1, /* LOAD_OPTION_ACTIVE */
	NODE_HEAD_BYTES = 4,
	NODE_MEDIA = 4,
	MEDIA_DISK = 1,
	MEDIA_FILE = 4,
	NODE_END = 0x7f,
	DISK_BYTES = 42,
	DISK_GPT = 2,
	DISK_GUID = 2,
	CHARS_MAX = 256 /* of a description or a path */
};

static const char *const paths[BOOT_SLOTS] = { "\\EFI\\konklave\\a.efi",
	"\\EFI\\konklave\\b.efi" };
static const char *const titles[BOOT_SLOTS] = { "Konklave A", "Konklave B" };

/* The presentation language's reader is of the other byte order. */
static uint64_t number_read(struct kk_reader *r, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n |= (uint64_t)kk_read_u8(r) << (8 * i);
	return n;
}

/* Up to and with its zero.  What has no end is KK_ELIMIT or KK_ETRUNC. */
static void title_skip(struct kk_reader *r)
{
	for (size_t i = 0; i < CHARS_MAX; i++) {
		if (number_read(r, 2) == 0)
			return;
	}
	kk_reader_fail(r, KK_ELIMIT);
}

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* A file system of UEFI's does not tell large letters from small ones. */
static bool path_is(struct kk_view path, const char *want)
{
	const size_t length = strlen(want);
	size_t chars = path.bytes / 2;

	if (path.bytes % 2 == 0 && chars == length + 1 &&
	    path.data[2 * length] == 0 && path.data[2 * length + 1] == 0)
		chars--;
	if (path.bytes % 2 || chars != length)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (path.data[2 * i + 1] != 0 ||
		    lower((char)path.data[2 * i]) != lower(want[i]))
			return false;
	}
	return true;
}

static void disk_read(struct boot_entry *e, struct kk_reader *node)
{
	uint8_t format, signature;
	struct kk_view guid;

	if (node->left_bytes != DISK_BYTES - NODE_HEAD_BYTES) {
		kk_reader_fail(node, KK_EFORMAT);
		return;
	}
	e->disk.number = (uint32_t)number_read(node, 4);
	e->disk.start = number_read(node, 8);
	e->disk.sectors = number_read(node, 8);
	guid = kk_read_raw(node, sizeof(e->disk.guid));
	memcpy(e->disk.guid, guid.data, sizeof(e->disk.guid));
	format = kk_read_u8(node);
	signature = kk_read_u8(node);
	e->has_disk = format == DISK_GPT && signature == DISK_GUID;
}

static void file_read(struct boot_entry *e, struct kk_reader *node)
{
	const struct kk_view path = kk_read_raw(node, node->left_bytes);

	for (size_t s = 0; s < BOOT_SLOTS; s++) {
		if (path_is(path, paths[s]))
			e->slot = (enum boot_slot)s;
	}
}

/* A node; false: it was the last one. */
static bool node_read(struct boot_entry *e, struct kk_reader *list)
{
	const uint8_t type = kk_read_u8(list), subtype = kk_read_u8(list);
	const size_t bytes = (size_t)number_read(list, 2);
	struct kk_reader node;

	if (bytes < NODE_HEAD_BYTES)
		kk_reader_fail(list, KK_EFORMAT);
	kk_reader_init(&node, kk_read_raw(list, bytes - NODE_HEAD_BYTES));
	if (list->err || type == NODE_END)
		return false;
	if (type == NODE_MEDIA && subtype == MEDIA_DISK)
		disk_read(e, &node);
	if (type == NODE_MEDIA && subtype == MEDIA_FILE)
		file_read(e, &node);
	if (node.err)
		kk_reader_fail(list, node.err);
	return !list->err;
}

enum kk_err boot_entry_parse(struct boot_entry *e, struct kk_view in)
{
	struct boot_entry got = { .slot = BOOT_NO_SLOT };
	struct kk_reader r, list;
	size_t list_bytes;

	if (in.bytes > BOOT_VAR_BYTES)
		return KK_ELIMIT;
	kk_reader_init(&r, in);
	got.is_active = number_read(&r, 4) & ACTIVE;
	list_bytes = (size_t)number_read(&r, 2);
	title_skip(&r);
	kk_reader_init(&list, kk_read_raw(&r, list_bytes));
	if (r.err)
		return r.err;
	/* The first path is where it starts from, others tell more of it. */
	while (node_read(&got, &list))
		;
	if (list.err)
		return list.err;
	got.optional_bytes = r.left_bytes;
	*e = got;
	return KK_OK;
}

static uint8_t *number_write(uint8_t *at, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		*at++ = (uint8_t)(n >> (8 * i));
	return at;
}

/* With its zero. */
static uint8_t *text_write(uint8_t *at, const char *text)
{
	for (size_t i = 0; i <= strlen(text); i++)
		at = number_write(at, (uint8_t)text[i], 2);
	return at;
}

static uint8_t *node_write(uint8_t *at, unsigned type, unsigned subtype,
    size_t bytes)
{
	*at++ = (uint8_t)type;
	*at++ = (uint8_t)subtype;
	return number_write(at, bytes, 2);
}

size_t boot_entry_write(enum boot_slot slot, const struct boot_disk *disk,
    uint8_t out[BOOT_ENTRY_BYTES])
{
	const size_t file_bytes = NODE_HEAD_BYTES + 2 * strlen(paths[slot]) + 2;
	uint8_t *at = number_write(out, ACTIVE, 4);

	at = number_write(at, DISK_BYTES + file_bytes + NODE_HEAD_BYTES, 2);
	at = text_write(at, titles[slot]);
	at = node_write(at, NODE_MEDIA, MEDIA_DISK, DISK_BYTES);
	at = number_write(at, disk->number, 4);
	at = number_write(at, disk->start, 8);
	at = number_write(at, disk->sectors, 8);
	memcpy(at, disk->guid, sizeof(disk->guid));
	at += sizeof(disk->guid);
	*at++ = DISK_GPT;
	*at++ = DISK_GUID;
	at = node_write(at, NODE_MEDIA, MEDIA_FILE, file_bytes);
	at = text_write(at, paths[slot]);
	at = node_write(at, NODE_END, 0xff, NODE_HEAD_BYTES);
	return (size_t)(at - out);
}
