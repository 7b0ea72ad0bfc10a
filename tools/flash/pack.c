/* pack.c - makes a package of an image. */
#define _GNU_SOURCE /* mkstemp(), pread() */
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "tools/flash/flash.h"

enum { LEVEL = 15 };

struct packing {
	int image, frames; /* frames: an unnamed file beside the package */
	struct flash_manifest manifest;
	uint8_t *chunk, *frame;
	size_t frame_room;
	ZSTD_CCtx *zstd;
};

static enum kk_err all_write(int fd, const void *from, size_t bytes)
{
	const uint8_t *p = from;

	while (bytes > 0) {
		const ssize_t put = write(fd, p, bytes);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return KK_EIO;
		p += put;
		bytes -= (size_t)put;
	}
	return KK_OK;
}

static bool is_zero(const uint8_t *p, size_t bytes)
{
	return p[0] == 0 && !memcmp(p, p + 1, bytes - 1);
}

static enum kk_err chunk_pack(struct packing *k, size_t i, uint64_t *at)
{
	const size_t bytes = flash_chunk_bytes(&k->manifest, i);
	struct flash_chunk *c = &k->manifest.chunks[i];
	size_t frame;

	if (pread(k->image, k->chunk, bytes,
		(off_t)((uint64_t)i * k->manifest.chunk_bytes)) !=
	    (ssize_t)bytes)
		return KK_EIO;
	if (is_zero(k->chunk, bytes))
		return KK_OK;
	frame = ZSTD_compress2(k->zstd, k->frame, k->frame_room, k->chunk,
	    bytes);
	if (ZSTD_isError(frame))
		return KK_ENOMEM;
	(void)SHA256(k->chunk, bytes, c->hash);
	c->frame_bytes = (uint32_t)frame;
	c->at = *at;
	*at += frame;
	return all_write(k->frames, k->frame, frame);
}

static enum kk_err image_open(struct packing *k, const struct flash_pack *pack)
{
	struct flash_manifest *m = &k->manifest;
	struct stat st;

	k->image = open(pack->image, O_RDONLY | O_CLOEXEC);
	if (k->image < 0)
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	if (fstat(k->image, &st) || !S_ISREG(st.st_mode) || st.st_size == 0)
		return KK_EINVAL;
	m->image_bytes = (uint64_t)st.st_size;
	m->chunk_bytes = FLASH_CHUNK_BYTES;
	m->count = (size_t)((m->image_bytes + m->chunk_bytes - 1) /
	    m->chunk_bytes);
	if (m->count > FLASH_CHUNKS_MAX ||
	    strlen(pack->board) >= sizeof(m->board) ||
	    strlen(pack->version) >= sizeof(m->version))
		return KK_ELIMIT;
	memcpy(m->board, pack->board, strlen(pack->board) + 1);
	memcpy(m->version, pack->version, strlen(pack->version) + 1);
	m->chunks = kk_calloc(m->count, sizeof(*m->chunks));
	k->frame_room = ZSTD_compressBound(m->chunk_bytes);
	k->chunk = kk_calloc(1, m->chunk_bytes);
	k->frame = kk_calloc(1, k->frame_room);
	k->zstd = ZSTD_createCCtx();
	if (!m->chunks || !k->chunk || !k->frame || !k->zstd)
		return KK_ENOMEM;
	(void)ZSTD_CCtx_setParameter(k->zstd, ZSTD_c_compressionLevel, LEVEL);
	return KK_OK;
}

static enum kk_err frames_append(struct packing *k, int out)
{
	enum kk_err err = KK_OK;
	ssize_t got;

	if (lseek(k->frames, 0, SEEK_SET) != 0)
		return KK_EIO;
	while (!err &&
	    (got = read(k->frames, k->chunk, k->manifest.chunk_bytes)) != 0)
		err = got < 0 ? KK_EIO : all_write(out, k->chunk, (size_t)got);
	return err;
}

static enum kk_err package_write(struct packing *k,
    const struct flash_pack *pack)
{
	uint8_t head[FLASH_HEAD_BYTES] = "KKFLASH1";
	struct kk_bytes text = { 0 }, signature = { 0 };
	struct flash_manifest again = { 0 };
	enum kk_err err = flash_manifest_write(&k->manifest, &text);
	int out = -1;

	if (!err) /* what we would refuse is not made */
		err = flash_manifest_parse(&again, kk_bytes_view(&text));
	flash_manifest_clear(&again);
	if (!err)
		err = flash_signature_make(kk_bytes_view(&text), pack->key,
		    pack->chain, &signature);
	if (!err) {
		for (int i = 0; i < 4; i++) {
			head[8 + i] = (uint8_t)(text.bytes >> (24 - 8 * i));
			head[12 + i] = (uint8_t)(signature.bytes >>
			    (24 - 8 * i));
		}
		out = open(pack->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0644);
		err = out < 0 ? KK_EIO : all_write(out, head, sizeof(head));
	}
	if (!err)
		err = all_write(out, text.data, text.bytes);
	if (!err)
		err = all_write(out, signature.data, signature.bytes);
	if (!err)
		err = frames_append(k, out);
	if (!err && fsync(out))
		err = KK_EIO;
	if (out >= 0 && close(out) && !err)
		err = KK_EIO;
	kk_bytes_clear(&text);
	kk_bytes_clear(&signature);
	return err;
}

static int unnamed_make(const char *beside)
{
	char path[FLASH_PATH_BYTES];
	int fd;

	if (snprintf(path, sizeof(path), "%s.XXXXXX", beside) >=
	    (int)sizeof(path))
		return -1;
	fd = mkstemp(path);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

enum kk_err flash_pack(const struct flash_pack *pack,
    const struct flash_progress *progress)
{
	struct packing k = { .image = -1, .frames = -1 };
	uint64_t at = 0;
	enum kk_err err = image_open(&k, pack);

	if (!err) {
		k.frames = unnamed_make(pack->out);
		err = k.frames < 0 ? KK_EIO : KK_OK;
	}
	for (size_t i = 0; !err && i < k.manifest.count; i++) {
		err = chunk_pack(&k, i, &at);
		progress->tell(progress->arg, flash_word(WORD_PACKING),
		    (uint64_t)i * k.manifest.chunk_bytes +
			flash_chunk_bytes(&k.manifest, i),
		    k.manifest.image_bytes);
	}
	if (!err)
		err = package_write(&k, pack);
	flash_manifest_clear(&k.manifest);
	kk_free(k.chunk);
	kk_free(k.frame);
	(void)ZSTD_freeCCtx(k.zstd);
	if (k.image >= 0)
		(void)close(k.image);
	if (k.frames >= 0)
		(void)close(k.frames);
	return err;
}
