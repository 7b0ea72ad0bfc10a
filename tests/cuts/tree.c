/* tree.c */
#include "tests/cuts/tree.h"

#include <openssl/sha.h>
#include <string.h>

#include "harness/tap.h"

enum {
	HASH = SHA256_DIGEST_LENGTH,
	BLOCK_SECTORS = VERITY_BLOCK_BYTES / CUTS_SECTOR,
	FANOUT = VERITY_BLOCK_BYTES / HASH,
	LEVELS_MAX = 8
};

static unsigned digit_of(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void hex_read(const char *hex, uint8_t out[HASH])
{
	for (size_t i = 0; i < HASH; i++)
		out[i] = (uint8_t)(digit_of(hex[2 * i]) << 4 |
		    digit_of(hex[2 * i + 1]));
}

struct tree {
	struct tree_memory *memory;
	const struct cuts_disk *disk;
	uint64_t first; /* sector */
	uint8_t salt[HASH];
	uint64_t at[LEVELS_MAX], blocks[LEVELS_MAX]; /* level 0: the data */
	size_t levels;
};

static void block_hash(const struct tree *t, uint64_t block, uint8_t out[HASH])
{
	const uint64_t at = t->first + block * BLOCK_SECTORS;
	uint8_t data[HASH + VERITY_BLOCK_BYTES];
	uint64_t key = cuts_key(t->disk->sector + at, BLOCK_SECTORS);
	size_t place;

	for (size_t i = 0; i < HASH; i++)
		key = cuts_mix(key, t->salt[i]);
	place = (size_t)(key % TREE_MEMORY);
	if (t->memory && key && t->memory->block[place].key == key) {
		memcpy(out, t->memory->block[place].hash, HASH);
		return;
	}
	memcpy(data, t->salt, HASH);
	cuts_disk_read(t->disk, at, BLOCK_SECTORS, data + HASH);
	(void)SHA256(data, sizeof(data), out);
	if (!t->memory)
		return;
	t->memory->block[place].key = key;
	memcpy(t->memory->block[place].hash, out, HASH);
}

/* The uppermost level stands first, behind the data. */
static void levels_place(struct tree *t, uint64_t blocks)
{
	uint64_t at = blocks;

	t->blocks[0] = blocks;
	while (t->blocks[t->levels] > 1) {
		CHECK(t->levels + 1 < LEVELS_MAX);
		t->blocks[t->levels + 1] = (t->blocks[t->levels] + FANOUT - 1) /
		    FANOUT;
		t->levels++;
	}
	for (size_t level = t->levels; level > 0; level--) {
		t->at[level] = at;
		at += t->blocks[level];
	}
}

static bool level_is_right(const struct tree *t, size_t level)
{
	uint8_t above[CUTS_SECTOR], hash[HASH];

	for (uint64_t i = 0; i < t->blocks[level]; i++) {
		const uint64_t block = t->at[level + 1] + i / FANOUT;
		const size_t place = (size_t)(i % FANOUT) * HASH;

		cuts_disk_read(t->disk,
		    t->first + block * BLOCK_SECTORS + place / CUTS_SECTOR, 1,
		    above);
		block_hash(t, t->at[level] + i, hash);
		if (memcmp(hash, above + place % CUTS_SECTOR, HASH) != 0)
			return false;
	}
	return true;
}

bool tree_is_whole(struct tree_memory *memory, const struct cuts_disk *d,
    uint64_t first, uint64_t sectors, const struct verity_root *root)
{
	struct tree t = { .memory = memory, .disk = d, .first = first };
	uint8_t want[HASH], hash[HASH];

	levels_place(&t, root->blocks);
	if (t.levels == 0 || (t.at[1] + t.blocks[1]) * BLOCK_SECTORS > sectors)
		return false;
	hex_read(root->salt, t.salt);
	hex_read(root->hash, want);
	block_hash(&t, t.at[t.levels], hash);
	if (memcmp(hash, want, HASH) != 0)
		return false;
	for (size_t level = t.levels; level-- > 0;) {
		if (!level_is_right(&t, level))
			return false;
	}
	return true;
}
