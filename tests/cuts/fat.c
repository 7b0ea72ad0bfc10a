/* fat.c */
#include "tests/cuts/fat.h"

#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"

enum {
	ENTRY = 32,
	ENTRIES = CUTS_SECTOR / ENTRY,
	ATTRIBUTES_AT = 11,
	LONG = 0x0f, /* attributes of a part of a long name */
	LABEL = 0x08,
	FOLDER = 0x10,
	LAST = 0x40, /* in the number of such a part */
	GONE = 0xe5,
	NAME = 64, /* longer ones are none that is looked for */
	PART_CHARS = 13,
	MASK = 0x0fffffff,
	FIRST_CLUSTER = 2,
	CLUSTERS_MAX = 1 << 20
};

static uint32_t le(const uint8_t *p, size_t bytes)
{
	uint32_t n = 0;

	while (bytes > 0)
		n = n << 8 | p[--bytes];
	return n;
}

enum kk_err fat_open(struct fat *f, const struct cuts_disk *d, uint64_t at,
    uint64_t sectors)
{
	uint8_t b[CUTS_SECTOR];
	uint32_t reserved, tables, size, all;

	*f = (struct fat){ .disk = d };
	cuts_disk_read(d, at, 1, b);
	reserved = le(b + 14, 2);
	tables = b[16];
	size = le(b + 36, 4);
	all = le(b + 32, 4);
	f->cluster_sectors = b[13];
	f->root = le(b + 44, 4);
	if (le(b + 11, 2) != CUTS_SECTOR || le(b + 510, 2) != 0xaa55 ||
	    f->cluster_sectors == 0 || reserved == 0 || tables == 0 ||
	    tables > 2 || size == 0 || size > CLUSTERS_MAX || all > sectors ||
	    reserved + tables * size >= all)
		return KK_EFORMAT;
	f->table = at + reserved;
	f->data = f->table + (uint64_t)tables * size;
	f->clusters = (all - reserved - tables * size) / f->cluster_sectors;
	if (f->clusters / (CUTS_SECTOR / 4) >= size)
		f->clusters = size * (CUTS_SECTOR / 4) - FIRST_CLUSTER;
	return KK_OK;
}

static bool is_cluster(const struct fat *f, uint32_t n)
{
	return n >= FIRST_CLUSTER && n - FIRST_CLUSTER < f->clusters;
}

static uint32_t next_of(const struct fat *f, uint32_t n)
{
	const uint8_t *s = f->disk->sector[f->table + n / (CUTS_SECTOR / 4)];

	return le(s + (size_t)n % (CUTS_SECTOR / 4) * 4, 4) & MASK;
}

static uint64_t sector_of(const struct fat *f, uint32_t n)
{
	return f->data + (uint64_t)(n - FIRST_CLUSTER) * f->cluster_sectors;
}

/* --- a folder's entries ----------------------------------------------------
 */

struct entry {
	char name[NAME], brief[NAME];
	uint8_t attributes;
	uint32_t first, bytes;
};

struct walk { /* of a folder */
	const struct fat *f;
	uint32_t cluster, left; /* clusters until it is called a circle */
	uint32_t at; /* entry in the cluster */
	char name[NAME]; /* of the parts of a long name so far */
	unsigned expected; /* part that has to come next; 0: the brief one */
	uint8_t sum;
};

static const uint8_t *entry_next(struct walk *w)
{
	const uint32_t all = w->f->cluster_sectors * ENTRIES;
	const uint8_t *sector;

	if (w->at == all) {
		w->cluster = next_of(w->f, w->cluster);
		w->at = 0;
	}
	if (w->at == 0 && (!is_cluster(w->f, w->cluster) || w->left-- == 0))
		return NULL;
	sector =
	    w->f->disk->sector[sector_of(w->f, w->cluster) + w->at / ENTRIES];
	sector += (size_t)(w->at++ % ENTRIES) * ENTRY;
	return sector[0] ? sector : NULL;
}

static void long_take(struct walk *w, const uint8_t *e)
{
	static const uint8_t places[PART_CHARS] = { 1, 3, 5, 7, 9, 14, 16, 18,
		20, 22, 24, 28, 30 };
	const unsigned number = e[0] & 0x3f;

	if (e[0] & LAST) {
		memset(w->name, 0, sizeof(w->name));
		w->sum = e[13];
	} else if (number != w->expected || e[13] != w->sum) {
		w->expected = 0;
		w->name[0] = '\0';
		return;
	}
	if (number == 0 || number * PART_CHARS >= NAME) {
		w->name[0] = '\0';
		return;
	}
	for (unsigned i = 0; i < PART_CHARS; i++) {
		const uint32_t c = le(e + places[i], 2);

		w->name[(number - 1) * PART_CHARS + i] = (char)(c < 0x80 ? c :
									   '?');
		if (c == 0xffff)
			w->name[(number - 1) * PART_CHARS + i] = '\0';
	}
	w->expected = number - 1;
}

static uint8_t sum_of(const uint8_t *e)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < 11; i++)
		sum = (uint8_t)((sum & 1 ? 0x80 : 0) + (sum >> 1) + e[i]);
	return sum;
}

static void brief_write(char out[NAME], const uint8_t *e)
{
	size_t n = 0;

	for (size_t i = 0; i < 8 && e[i] != ' '; i++)
		out[n++] = (char)e[i];
	if (e[8] != ' ')
		out[n++] = '.';
	for (size_t i = 8; i < 11 && e[i] != ' '; i++)
		out[n++] = (char)e[i];
	out[n] = '\0';
}

/* The next one of a file or folder; false: there is none. */
static bool walk_next(struct walk *w, struct entry *entry)
{
	const uint8_t *e;

	while ((e = entry_next(w)) != NULL) {
		if (e[0] != GONE && (e[ATTRIBUTES_AT] & LONG) == LONG) {
			long_take(w, e);
			continue;
		}
		*entry = (struct entry){ .attributes = e[ATTRIBUTES_AT],
			.first = le(e + 20, 2) << 16 | le(e + 26, 2),
			.bytes = le(e + 28, 4) };
		if (e[0] != GONE && w->name[0] && w->expected == 0 &&
		    w->sum == sum_of(e))
			memcpy(entry->name, w->name, NAME);
		w->name[0] = '\0';
		w->expected = 0;
		brief_write(entry->brief, e);
		if (e[0] != GONE && !(e[ATTRIBUTES_AT] & LABEL))
			return true;
	}
	return false;
}

static char small(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_same(const char *name, const char *want, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (small(name[i]) != small(want[i]))
			return false;
	}
	return name[length] == '\0';
}

static bool entry_find(const struct fat *f, uint32_t folder, const char *name,
    size_t length, struct entry *entry)
{
	struct walk w = { .f = f, .cluster = folder, .left = f->clusters };

	while (length < NAME && walk_next(&w, entry)) {
		if (is_same(entry->name, name, length) ||
		    is_same(entry->brief, name, length))
			return true;
	}
	return false;
}

/* --- files -----------------------------------------------------------------
 */

static enum kk_err chain_read(const struct fat *f, struct fat_file *file)
{
	uint32_t n = file->first;
	uint64_t done = 0;

	while (done < file->sectors) {
		if (!is_cluster(f, n))
			return KK_EFORMAT;
		for (uint32_t i = 0;
		    i < f->cluster_sectors && done < file->sectors; i++)
			file->sector[done++] =
			    f->disk->sector[sector_of(f, n) + i];
		n = next_of(f, n);
	}
	/* A circle would be read again and again: no content that was written
	 * has it, and its digest is none that was built. */
	return KK_OK;
}

enum kk_err fat_file_open(const struct fat *f, const char *path,
    struct fat_file *file)
{
	uint32_t folder = f->root;
	struct entry entry;
	enum kk_err err;

	*file = (struct fat_file){ 0 };
	for (;;) {
		const size_t length = strcspn(path, "/");

		if (!entry_find(f, folder, path, length, &entry) ||
		    !(entry.attributes & FOLDER) != !path[length])
			return KK_ENOENT;
		path += length;
		if (!*path++)
			break;
		folder = entry.first;
	}
	file->first = entry.first;
	file->bytes = entry.bytes;
	file->sectors = (entry.bytes + CUTS_SECTOR - 1) / CUTS_SECTOR;
	if (file->sectors == 0 || file->sectors > FAT_FILE_SECTORS)
		return file->sectors ? KK_ELIMIT : KK_EFORMAT;
	file->sector = cuts_must(kk_calloc(file->sectors,
	    sizeof(*file->sector)));
	err = chain_read(f, file);
	if (err)
		fat_file_clear(file);
	return err;
}

void fat_file_clear(struct fat_file *file)
{
	kk_free(file->sector);
	*file = (struct fat_file){ 0 };
}

/* --- who has what ----------------------------------------------------------
 */

enum { DEPTH_MAX = 8 };

struct count { /* of clusters */
	const struct fat *f;
	uint8_t *is_had; /* one for each cluster */
	struct fat_use use;
};

static void chain_count(struct count *c, uint32_t n)
{
	while (is_cluster(c->f, n) && next_of(c->f, n)) {
		if (c->is_had[n - FIRST_CLUSTER]) {
			c->use.shared++; /* from here on it is the other's */
			return;
		}
		c->is_had[n - FIRST_CLUSTER] = 1;
		c->use.had++;
		n = next_of(c->f, n);
	}
}

static void folder_count(struct count *c, uint32_t folder, int depth)
{
	struct walk w = { .f = c->f,
		.cluster = folder,
		.left = c->f->clusters };
	struct entry entry;

	chain_count(c, folder);
	while (depth < DEPTH_MAX && walk_next(&w, &entry)) {
		if (entry.brief[0] == '.')
			continue;
		if (entry.attributes & FOLDER)
			folder_count(c, entry.first, depth + 1);
		else
			chain_count(c, entry.first);
	}
}

struct fat_use fat_use(const struct fat *f)
{
	struct count c = { .f = f,
		.is_had = cuts_must(kk_calloc(f->clusters, 1)) };

	folder_count(&c, f->root, 0);
	for (uint32_t n = 0; n < f->clusters; n++)
		c.use.lost += next_of(f, n + FIRST_CLUSTER) && !c.is_had[n];
	kk_free(c.is_had);
	return c.use;
}
