/* disk.c */
#include "tests/cuts/disk.h"

#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"

static const uint8_t zeros[CUTS_SECTOR];

void *cuts_must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

uint64_t cuts_mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * 0x9e3779b97f4a7c15;
	return a ^ a >> 32;
}

uint64_t cuts_key(const uint8_t *const *sector, uint64_t sectors)
{
	uint64_t key = sectors;

	for (uint64_t i = 0; i < sectors; i++)
		key = cuts_mix(key, (uint64_t)(uintptr_t)sector[i]);
	return key;
}

static uint64_t content_hash(uint64_t at, const uint8_t *data)
{
	uint64_t hash = at, word;

	for (size_t i = 0; i < CUTS_SECTOR; i += sizeof(word)) {
		memcpy(&word, data + i, sizeof(word));
		hash = cuts_mix(hash, word);
	}
	return hash;
}

/* A sector of a source is only ever written to one place. */
static uint64_t hash_of(struct cuts_disk *d, uint64_t at, const uint8_t *data)
{
	for (size_t i = 0; i < CUTS_SOURCES; i++) {
		const struct cuts_source *s = &d->source[i];
		const size_t n = s->hash && data >= s->bytes.data ?
		    (size_t)(data - s->bytes.data) / CUTS_SECTOR :
		    SIZE_MAX;

		if (n >= s->bytes.bytes / CUTS_SECTOR)
			continue;
		if (!s->hash[n])
			s->hash[n] = content_hash(at, data);
		return s->hash[n];
	}
	return content_hash(at, data);
}

static void source_add(struct cuts_disk *d, size_t i, struct kk_view bytes)
{
	d->source[i] = (struct cuts_source){ .bytes = bytes,
		.hash = cuts_must(kk_calloc(bytes.bytes / CUTS_SECTOR + 1,
		    sizeof(uint64_t))) };
}

void cuts_disk_log(struct cuts_disk *d, struct kk_view log)
{
	source_add(d, 1, log);
}

void cuts_disk_open(struct cuts_disk *d, struct kk_view base)
{
	*d = (struct cuts_disk){ .sectors = base.bytes / CUTS_SECTOR };
	CHECK_EQ(base.bytes % CUTS_SECTOR, 0);
	source_add(d, 0, base);
	d->sector = cuts_must(kk_calloc(d->sectors, sizeof(*d->sector)));
	for (uint64_t i = 0; i < d->sectors; i++)
		d->sector[i] = base.data + i * CUTS_SECTOR;
}

void cuts_disk_close(struct cuts_disk *d)
{
	kk_free(d->sector);
	kk_free(d->changes);
	for (size_t i = 0; i < CUTS_SOURCES; i++)
		kk_free(d->source[i].hash);
	*d = (struct cuts_disk){ 0 };
}

static void put(struct cuts_disk *d, uint64_t at, const uint8_t *data)
{
	d->hash ^= hash_of(d, at, d->sector[at]) ^ hash_of(d, at, data);
	d->sector[at] = data;
}

void cuts_disk_write(struct cuts_disk *d, const struct cuts_entry *e,
    uint64_t from, uint64_t to)
{
	if (d->room - d->count < to - from) {
		const size_t room = 2 * (d->room + to - from);

		d->changes = cuts_must(kk_regrow(d->changes, d->room, room,
		    sizeof(*d->changes)));
		d->room = room;
	}
	for (uint64_t i = from; i < to; i++) {
		const uint64_t at = e->at + i;

		CHECK(at < d->sectors);
		d->changes[d->count++] = (struct cuts_change){ at,
			d->sector[at] };
		put(d, at, e->data ? e->data + i * CUTS_SECTOR : zeros);
	}
}

void cuts_disk_back(struct cuts_disk *d, size_t count)
{
	while (d->count > count) {
		d->count--;
		put(d, d->changes[d->count].at, d->changes[d->count].was);
	}
}

void cuts_disk_keep(struct cuts_disk *d)
{
	d->count = 0;
}

void cuts_disk_read(const struct cuts_disk *d, uint64_t at, uint64_t sectors,
    uint8_t *out)
{
	CHECK(sectors <= d->sectors && at <= d->sectors - sectors);
	for (uint64_t i = 0; i < sectors; i++)
		memcpy(out + i * CUTS_SECTOR, d->sector[at + i], CUTS_SECTOR);
}
