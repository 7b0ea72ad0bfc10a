/* plain.c */
#define _GNU_SOURCE /* memfd_create(), SEEK_DATA */
#include "tests/cuts/plain.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/tap.h"

enum { IV = 16, ZEROS = 1 }; /* key of a unit that was never written */

static const uint8_t zeros[PLAIN_UNIT_MAX];

void plain_open(struct plain *p, const struct gpt_part *part,
    const struct plain_format *format, struct kk_view base)
{
	const uint64_t skip = format->offset / CUTS_SECTOR;

	CHECK(format->unit_bytes <= PLAIN_UNIT_MAX && skip < part->sectors);
	CHECK(format->unit_bytes >= CUTS_SECTOR);
	*p = (struct plain){ .fd = memfd_create("data", 0),
		.first = part->first + skip,
		.unit = format->unit_bytes / CUTS_SECTOR,
		.base = base.data };
	CHECK(p->fd >= 0);
	memcpy(p->secret, format->secret, PLAIN_KEY);
	p->units = (part->sectors - skip) / p->unit;
	CHECK_EQ(ftruncate(p->fd, (off_t)(p->units * format->unit_bytes)), 0);
	p->file = mmap(NULL, p->units * format->unit_bytes,
	    PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, 0);
	CHECK(p->file != MAP_FAILED);
	p->key = cuts_must(malloc(p->units * sizeof(*p->key)));
	p->was = cuts_must(calloc(p->units, sizeof(*p->was)));
	for (uint64_t u = 0; u < p->units; u++)
		p->key[u] = ZEROS;
}

void plain_close(struct plain *p)
{
	(void)munmap(p->file, p->units * p->unit * CUTS_SECTOR);
	(void)close(p->fd);
	for (uint64_t u = 0; u < p->units; u++)
		free(p->was[u]);
	free(p->was);
	free(p->key);
}

static uint64_t unit_key(const struct plain *p, const struct cuts_disk *d,
    uint64_t u)
{
	const uint64_t at = p->first + u * p->unit;
	bool is_base = true;

	for (uint64_t i = 0; i < p->unit; i++)
		is_base = is_base &&
		    d->sector[at + i] == p->base + (at + i) * CUTS_SECTOR;
	return is_base ? ZEROS : cuts_key(d->sector + at, p->unit) | 2;
}

static void unit_decrypt(const struct plain *p, const struct cuts_disk *d,
    uint64_t u, uint8_t *out)
{
	const int bytes = (int)(p->unit * CUTS_SECTOR);
	EVP_CIPHER_CTX *ctx = cuts_must(EVP_CIPHER_CTX_new());
	uint8_t in[PLAIN_UNIT_MAX], iv[IV] = { 0 };
	uint64_t number = u * p->unit;
	int n = 0;

	for (size_t i = 0; number; i++, number >>= 8)
		iv[i] = (uint8_t)number;
	cuts_disk_read(d, p->first + u * p->unit, p->unit, in);
	CHECK(EVP_DecryptInit_ex(ctx, EVP_aes_256_xts(), NULL, p->secret, iv) ==
		1 &&
	    EVP_DecryptUpdate(ctx, out, &n, in, bytes) == 1 && n == bytes);
	EVP_CIPHER_CTX_free(ctx);
}

static const uint8_t *unit_was(const struct plain *p, uint64_t u)
{
	return p->was[u] ? p->was[u] : zeros;
}

void plain_take(struct plain *p, const struct cuts_disk *d)
{
	const size_t bytes = p->unit * CUTS_SECTOR;

	for (uint64_t u = 0; u < p->units; u++) {
		const uint64_t key = unit_key(p, d, u);

		if (p->key[u] == key)
			continue;
		p->key[u] = key;
		if (!p->was[u])
			p->was[u] = cuts_must(malloc(bytes));
		if (key == ZEROS)
			memset(p->was[u], 0, bytes);
		else
			unit_decrypt(p, d, u, p->was[u]);
		memcpy(p->file + u * bytes, p->was[u], bytes);
	}
}

/* Only what is in memory can have been changed: there the file has no holes. */
void plain_back(struct plain *p)
{
	const size_t bytes = p->unit * CUTS_SECTOR;
	off_t from = 0;

	while ((from = lseek(p->fd, from, SEEK_DATA)) >= 0) {
		const off_t to = lseek(p->fd, from, SEEK_HOLE);

		for (uint64_t u = (uint64_t)from / bytes;
		    u * bytes < (uint64_t)to && u < p->units; u++) {
			if (memcmp(p->file + u * bytes, unit_was(p, u), bytes))
				memcpy(p->file + u * bytes, unit_was(p, u),
				    bytes);
		}
		from = to;
	}
}
