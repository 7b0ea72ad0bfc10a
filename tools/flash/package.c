/* package.c - reads a package. */
#define _GNU_SOURCE /* pread() */
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "tools/flash/flash.h"

static enum kk_err read_at(int fd, uint64_t at, uint8_t *to, size_t bytes)
{
	while (bytes > 0) {
		const ssize_t got = pread(fd, to, bytes, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? KK_EIO : KK_ETRUNC;
		to += got;
		at += (uint64_t)got;
		bytes -= (size_t)got;
	}
	return KK_OK;
}

static enum kk_err head_read(int fd, uint32_t *manifest, uint32_t *signature)
{
	uint8_t head[FLASH_HEAD_BYTES];
	struct kk_reader r;
	struct kk_view magic;
	enum kk_err err = read_at(fd, 0, head, sizeof(head));

	if (err)
		return err;
	kk_reader_init(&r, kk_view_of(head, sizeof(head)));
	magic = kk_read_raw(&r, 8);
	*manifest = kk_read_u32(&r);
	*signature = kk_read_u32(&r);
	if (kk_reader_end(&r) || memcmp(magic.data, "KKFLASH1", 8) != 0)
		return KK_EFORMAT;
	if (*manifest > FLASH_MANIFEST_MAX || *signature > FLASH_SIGNATURE_MAX)
		return KK_ELIMIT;
	return KK_OK;
}

/* Verifies before it parses. */
static enum kk_err manifest_read(struct flash_package *p, const char *anchors)
{
	uint32_t manifest_bytes, signature_bytes;
	struct kk_view text, signature;
	uint8_t *all;
	enum kk_err err = head_read(p->fd, &manifest_bytes, &signature_bytes);

	if (err)
		return err;
	all = kk_calloc(1, (size_t)manifest_bytes + signature_bytes);
	if (!all)
		return KK_ENOMEM;
	text = kk_view_of(all, manifest_bytes);
	signature = kk_view_of(all + manifest_bytes, signature_bytes);
	err = read_at(p->fd, FLASH_HEAD_BYTES, all,
	    (size_t)manifest_bytes + signature_bytes);
	if (!err)
		err = flash_signature_check(text, signature, anchors, p->signer,
		    sizeof(p->signer));
	if (!err)
		err = flash_manifest_parse(&p->manifest, text);
	kk_free(all);
	p->chunks_at = (uint64_t)FLASH_HEAD_BYTES + manifest_bytes +
	    signature_bytes;
	return err;
}

enum kk_err flash_package_open(struct flash_package *p, const char *path,
    const char *anchors)
{
	uint32_t most = 1;
	enum kk_err err;

	memset(p, 0, sizeof(*p));
	p->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->fd < 0)
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	err = manifest_read(p, anchors);
	for (size_t i = 0; !err && i < p->manifest.count; i++) {
		if (p->manifest.chunks[i].frame_bytes > most)
			most = p->manifest.chunks[i].frame_bytes;
	}
	if (err)
		return err;
	p->frame = kk_calloc(1, most);
	p->zstd = ZSTD_createDCtx();
	return p->frame && p->zstd ? KK_OK : KK_ENOMEM;
}

void flash_package_close(struct flash_package *p)
{
	flash_manifest_clear(&p->manifest);
	kk_free(p->frame);
	(void)ZSTD_freeDCtx(p->zstd);
	if (p->fd >= 0)
		(void)close(p->fd);
	p->frame = NULL;
	p->zstd = NULL;
	p->fd = -1;
}

enum kk_err flash_package_chunk(struct flash_package *p, size_t i, uint8_t *out)
{
	const struct flash_chunk *c = &p->manifest.chunks[i];
	const size_t bytes = flash_chunk_bytes(&p->manifest, i);
	uint8_t hash[FLASH_HASH_BYTES];
	enum kk_err err;

	if (c->frame_bytes == 0) {
		memset(out, 0, bytes);
		return KK_OK;
	}
	err = read_at(p->fd, p->chunks_at + c->at, p->frame, c->frame_bytes);
	if (err)
		return err;
	if (ZSTD_decompressDCtx(p->zstd, out, bytes, p->frame,
		c->frame_bytes) != bytes)
		return KK_EFORMAT;
	(void)SHA256(out, bytes, hash);
	return memcmp(hash, c->hash, sizeof(hash)) != 0 ? KK_EVERIFY : KK_OK;
}
