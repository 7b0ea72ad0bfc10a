/* record.c - a profile as it is in its partition. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>

#include "tools/flash/flash.h"

enum { MAGIC_BYTES = 8, HEAD_BYTES = MAGIC_BYTES + 4 + FLASH_HASH_BYTES };

static const uint8_t magic[MAGIC_BYTES] = { 'K', 'K', 'P', 'R', 'O', 'F', '0',
	'1' };

enum kk_err flash_record_make(struct kk_view text, struct kk_bytes *out)
{
	uint8_t *p;

	*out = (struct kk_bytes){ NULL, 0 };
	if (text.bytes > PROFILE_BYTES_MAX)
		return KK_ELIMIT;
	p = kk_calloc(1, HEAD_BYTES + text.bytes);
	if (!p)
		return KK_ENOMEM;
	*out = (struct kk_bytes){ p, HEAD_BYTES + text.bytes };
	memcpy(p, magic, MAGIC_BYTES);
	for (size_t i = 0; i < 4; i++)
		p[MAGIC_BYTES + i] = (uint8_t)(text.bytes >> (24 - 8 * i));
	(void)SHA256(text.data, text.bytes, p + MAGIC_BYTES + 4);
	if (text.bytes > 0)
		memcpy(p + HEAD_BYTES, text.data, text.bytes);
	return KK_OK;
}

static enum kk_err all_read(int file, uint8_t *to, size_t bytes)
{
	while (bytes > 0) {
		const ssize_t n = read(file, to, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? KK_EIO : KK_ETRUNC;
		to += n;
		bytes -= (size_t)n;
	}
	return KK_OK;
}

/* How long the text is that the head is of. */
static enum kk_err head_parse(struct kk_view head, size_t *bytes)
{
	static const uint8_t zeros[HEAD_BYTES];
	struct kk_reader r;

	if (head.bytes < HEAD_BYTES)
		return KK_ETRUNC;
	if (!memcmp(head.data, zeros, HEAD_BYTES))
		return KK_ENOENT;
	if (memcmp(head.data, magic, MAGIC_BYTES) != 0)
		return KK_EFORMAT;
	kk_reader_init(&r, kk_view_of(head.data + MAGIC_BYTES, 4));
	*bytes = kk_read_u32(&r);
	return *bytes > PROFILE_BYTES_MAX ? KK_ELIMIT : KK_OK;
}

enum kk_err flash_record_parse(struct kk_view data, struct kk_view *text)
{
	uint8_t hash[FLASH_HASH_BYTES];
	size_t bytes = 0;
	enum kk_err err = head_parse(data, &bytes);

	if (err)
		return err;
	if (data.bytes - HEAD_BYTES < bytes)
		return KK_ETRUNC;
	(void)SHA256(data.data + HEAD_BYTES, bytes, hash);
	if (memcmp(hash, data.data + MAGIC_BYTES + 4, sizeof(hash)) != 0)
		return KK_EVERIFY;
	*text = kk_view_of(data.data + HEAD_BYTES, bytes);
	return KK_OK;
}

static enum kk_err record_read(int file, struct kk_bytes *record,
    struct kk_view *text)
{
	uint8_t head[HEAD_BYTES];
	size_t bytes = 0;
	enum kk_err err = all_read(file, head, sizeof(head));

	if (!err)
		err = head_parse(kk_view_of(head, sizeof(head)), &bytes);
	if (err)
		return err;
	record->data = kk_calloc(1, HEAD_BYTES + bytes);
	if (!record->data)
		return KK_ENOMEM;
	record->bytes = HEAD_BYTES + bytes;
	memcpy(record->data, head, HEAD_BYTES);
	err = all_read(file, record->data + HEAD_BYTES, bytes);
	return err ? err : flash_record_parse(kk_bytes_view(record), text);
}

enum kk_err flash_record_read(const char *path, struct kk_bytes *record,
    struct kk_view *text)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	enum kk_err err = file < 0 ? KK_EIO : KK_OK;

	*record = (struct kk_bytes){ NULL, 0 };
	if (!err)
		err = record_read(file, record, text);
	if (file >= 0)
		(void)close(file);
	if (err)
		kk_bytes_clear(record);
	return err;
}
