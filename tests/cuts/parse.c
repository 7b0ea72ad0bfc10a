/* parse.c - logs, tables and file systems as they are read, and which disks a
 * log makes. */
#define _GNU_SOURCE /* memmem() */
#include <string.h>

#include "harness/tap.h"
#include "tests/cuts/mark.h"
#include "tests/cuts/recording.h"
#include "tests/cuts/tree.h"

#define RECORDED "tests/cuts/recorded"

enum { SECTORS = 64, LOG_BYTES = 32 * CUTS_SECTOR };

/* --- a log -----------------------------------------------------------------
 */

struct made {
	uint8_t bytes[LOG_BYTES];
	size_t used; /* sectors */
	uint64_t entries;
};

static void le(uint8_t *at, uint64_t n)
{
	for (size_t i = 0; i < 8; i++)
		at[i] = (uint8_t)(n >> (8 * i));
}

static void made_open(struct made *m)
{
	memset(m, 0, sizeof(*m));
	le(m->bytes, 0x6a736677736872);
	le(m->bytes + 8, 1);
	le(m->bytes + 24, CUTS_SECTOR);
	m->used = 1;
}

/* Sectors of one letter; 0: a flush. */
static void made_add(struct made *m, uint64_t at, uint64_t sectors, char letter)
{
	uint8_t *head = m->bytes + m->used++ * CUTS_SECTOR;

	le(head, at);
	le(head + 8, sectors);
	head[16] = letter == 0;
	memset(head + CUTS_SECTOR, letter, sectors * CUTS_SECTOR);
	m->used += sectors;
	le(m->bytes + 16, ++m->entries);
}

static struct kk_view made_view(const struct made *m)
{
	return kk_view_of(m->bytes, m->used * CUTS_SECTOR);
}

TEST(log_is_read_with_its_writes_and_flushes)
{
	struct cuts_log log;
	struct made m;

	made_open(&m);
	made_add(&m, 7, 2, 'a');
	made_add(&m, 0, 0, 0);
	CHECK_OK(cuts_log_parse(&log, made_view(&m), SECTORS));
	CHECK_EQ(log.count, 2);
	CHECK(log.entries[0].at == 7 && log.entries[0].sectors == 2);
	CHECK(!log.entries[0].is_flush && log.entries[0].data[1023] == 'a');
	CHECK(log.entries[1].is_flush && !log.entries[1].data);
	cuts_log_clear(&log);
}

TEST(log_that_is_cut_or_writes_beyond_the_disk_is_refused)
{
	struct cuts_log log;
	struct made m;

	made_open(&m);
	made_add(&m, 7, 2, 'a');
	for (size_t n = 0; n < m.used * CUTS_SECTOR; n++)
		CHECK_ERR(cuts_log_parse(&log, kk_view_of(m.bytes, n), SECTORS),
		    KK_ETRUNC);
	CHECK_ERR(cuts_log_parse(&log, made_view(&m), 8), KK_EFORMAT);
	CHECK_OK(cuts_log_parse(&log, made_view(&m), 9));
	cuts_log_clear(&log);
	m.bytes[8] = 2;
	CHECK_ERR(cuts_log_parse(&log, made_view(&m), SECTORS), KK_EUNSUP);
	m.bytes[0] ^= 1;
	CHECK_ERR(cuts_log_parse(&log, made_view(&m), SECTORS), KK_EFORMAT);
}

/* --- which disks it makes --------------------------------------------------
 */

struct disks {
	char seen[64][SECTORS + 1];
	size_t count;
};

static void disk_note(void *arg, const struct cuts_disk *d,
    const struct world *w)
{
	struct disks *all = arg;
	char *text = all->seen[all->count];

	(void)w;
	CHECK(all->count < KK_ARRAY_LEN(all->seen));
	for (size_t i = 0; i < SECTORS; i++)
		text[i] = (char)(d->sector[i][0] ? d->sector[i][0] : '.');
	for (size_t i = 0; i < all->count; i++)
		CHECK(strcmp(all->seen[i], text) != 0); /* each once */
	all->count++;
}

static bool has_disk(const struct disks *all, const char *begin)
{
	for (size_t i = 0; i < all->count; i++) {
		if (!strncmp(all->seen[i], begin, strlen(begin)))
			return true;
	}
	return false;
}

static void disks_make(const struct made *m, struct disks *all,
    uint32_t subset_writes, struct replay_count *count)
{
	static const uint8_t base[SECTORS * CUTS_SECTOR];
	struct cuts_disk disk;
	struct cuts_log log;
	const struct replay r = { .disk = &disk,
		.log = &log,
		.look = disk_note,
		.arg = all,
		.torn_most = UINT64_MAX,
		.subset_writes = subset_writes,
		.samples = 40,
		.seed = 1 };

	memset(all, 0, sizeof(*all));
	CHECK_OK(cuts_log_parse(&log, made_view(m), SECTORS));
	cuts_disk_open(&disk, kk_view_of(base, sizeof(base)));
	replay_run(&r, count);
	CHECK_EQ(count->states, all->count);
	cuts_disk_close(&disk);
	cuts_log_clear(&log);
}

TEST(writes_between_flushes_come_in_any_order_and_no_others)
{
	struct replay_count count;
	struct disks all;
	struct made m;

	made_open(&m);
	made_add(&m, 0, 1, 'a');
	made_add(&m, 1, 1, 'b');
	made_add(&m, 0, 0, 0);
	made_add(&m, 2, 1, 'c');
	disks_make(&m, &all, 4, &count);
	CHECK_EQ(count.states, 5);
	CHECK_EQ(count.windows, 2);
	CHECK(has_disk(&all, "....") && has_disk(&all, "a..."));
	CHECK(has_disk(&all, ".b..") && has_disk(&all, "ab.."));
	CHECK(has_disk(&all, "abc."));
}

TEST(write_is_torn_at_each_sector)
{
	struct replay_count count;
	struct disks all;
	struct made m;

	made_open(&m);
	made_add(&m, 0, 3, 'a');
	disks_make(&m, &all, 4, &count);
	CHECK_EQ(count.states, 4);
	CHECK_EQ(count.torn, 2);
	CHECK(has_disk(&all, "a...") && has_disk(&all, "aa.."));
}

TEST(window_of_many_writes_has_each_left_out_and_each_alone)
{
	struct replay_count count;
	struct disks all;
	struct made m;

	made_open(&m);
	for (uint64_t i = 0; i < 4; i++)
		made_add(&m, i, 1, (char)('a' + i));
	disks_make(&m, &all, 3, &count);
	CHECK_EQ(count.large_windows, 1);
	CHECK(has_disk(&all, ".bcd") && has_disk(&all, "ab.d"));
	CHECK(has_disk(&all, "..c.") && has_disk(&all, "...d"));
	CHECK_EQ(count.states, 16); /* with those by chance it is all */
}

/* The variables of a disk are those of a time at which it can have been left.
 */
static void disk_before_mark(void *arg, const struct cuts_disk *d,
    const struct world *w)
{
	size_t *seen = arg;
	const bool has_a = d->sector[0][0], has_b = d->sector[1][0];
	const unsigned mark = w->writes;

	CHECK(mark < 2);
	CHECK(!has_b || mark == 1); /* it was asked for after the mark */
	CHECK(mark == 0 || has_a); /* it was flushed before the mark */
	seen[mark]++;
}

TEST(variables_are_those_that_a_disk_can_have_had)
{
	static const uint8_t base[SECTORS * CUTS_SECTOR];
	struct replay_count count;
	size_t seen[2] = { 0 };
	struct cuts_disk disk;
	struct cuts_log log;
	struct world w;
	struct made m;
	const struct replay r = { .disk = &disk,
		.log = &log,
		.look = disk_before_mark,
		.arg = seen,
		.torn_most = UINT64_MAX,
		.subset_writes = 4 };

	made_open(&m);
	made_add(&m, 0, 1, 'a');
	made_add(&m, 0, 0, 0);
	made_add(&m, MARK_AT, 1, 'x');
	world_init(&w);
	w.writes = 1;
	mark_write(&w, m.bytes + (m.used - 1) * CUTS_SECTOR);
	made_add(&m, 1, 1, 'b');
	CHECK_OK(cuts_log_parse(&log, made_view(&m), SECTORS));
	cuts_disk_open(&disk, kk_view_of(base, sizeof(base)));
	replay_run(&r, &count);
	CHECK_EQ(seen[0], 2); /* without a, with a */
	CHECK_EQ(seen[1], 2); /* a, and then b */
	cuts_disk_close(&disk);
	cuts_log_clear(&log);
}

/* --- tables, files, roots --------------------------------------------------
 */

static void turn(struct recording *r, uint64_t sector, size_t byte)
{
	r->base.data[sector * CUTS_SECTOR + byte] ^= 1;
}

TEST(second_table_counts_where_the_first_is_wrong_in_any_bit)
{
	static const size_t bytes[] = { 0, 12, 16, 24, 40, 72, 80, 88, 91 };
	struct recording r;
	struct gpt g;

	recording_open(&r, RECORDED);
	CHECK_OK(gpt_read(&r.disk, &g));
	CHECK(!g.is_second && gpt_find(&g, "root-b"));
	CHECK(!gpt_find(&g, "data"));
	for (size_t i = 0; i < KK_ARRAY_LEN(bytes); i++) {
		turn(&r, 1, bytes[i]);
		CHECK_OK(gpt_read(&r.disk, &g));
		CHECK(g.is_second && gpt_find(&g, "root-b"));
		turn(&r, 1, bytes[i]);
	}
	turn(&r, 2, 56); /* in an entry */
	CHECK_OK(gpt_read(&r.disk, &g));
	CHECK(g.is_second);
	turn(&r, r.disk.sectors - 1, 16);
	CHECK_ERR(gpt_read(&r.disk, &g), KK_EFORMAT);
	recording_close(&r);
}

TEST(files_are_found_by_short_and_long_names_in_any_letters)
{
	static const char *const paths[] = { "EFI/konklave/a.efi",
		"efi/KONKLAVE/B.EFI", "EFI/BOOT/BOOTX64.EFI" };
	struct recording r;
	struct fat_file file;
	struct fat f;
	struct gpt g;
	struct gpt_part esp;

	recording_open(&r, RECORDED);
	CHECK_OK(gpt_read(&r.disk, &g));
	esp = gpt_part(&g, "esp");
	CHECK_OK(fat_open(&f, &r.disk, esp.first, esp.sectors));
	for (size_t i = 0; i < KK_ARRAY_LEN(paths); i++) {
		CHECK_OK(fat_file_open(&f, paths[i], &file));
		CHECK(file.bytes > 20000);
		CHECK(!memcmp(file.sector[0], "content of kernel image", 23));
		fat_file_clear(&file);
	}
	CHECK_ERR(fat_file_open(&f, "EFI/konklave/c.efi", &file), KK_ENOENT);
	CHECK_ERR(fat_file_open(&f, "EFI/konklave", &file), KK_ENOENT);
	CHECK(fat_use(&f).had > 100);
	CHECK(fat_use(&f).lost == 0 && fat_use(&f).shared == 0);
	recording_close(&r);
}

/* The kernel image's line, and a bit of the root or of its tree. */
TEST(root_with_a_turned_bit_anywhere_is_not_whole)
{
	struct verity_root root;
	struct gpt_part part;
	struct recording r;
	struct cuts_disk disk;
	const uint8_t *line;
	struct gpt g;
	struct kk_view all;

	recording_open(&r, RECORDED);
	all = kk_bytes_view(&r.base);
	line = memmem(all.data, all.bytes, "ro konklave.slot=a", 18);
	CHECK(line != NULL);
	CHECK_OK(verity_root_parse(&root,
	    kk_view_of(line, strcspn((const char *)line, "\n"))));
	cuts_disk_open(&disk, all);
	CHECK_OK(gpt_read(&disk, &g));
	part = gpt_part(&g, root.label);
	CHECK(tree_is_whole(NULL, &disk, part.first, part.sectors, &root));
	for (uint64_t at = 0; at < verity_sectors(&root) + 8; at += 7) {
		turn(&r, part.first + at, at % CUTS_SECTOR);
		CHECK(!tree_is_whole(NULL, &disk, part.first, part.sectors,
		    &root));
		turn(&r, part.first + at, at % CUTS_SECTOR);
	}
	CHECK(!tree_is_whole(NULL, &disk, part.first, 8, &root));
	cuts_disk_close(&disk);
	recording_close(&r);
}
