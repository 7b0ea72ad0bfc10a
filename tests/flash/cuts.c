/*
 * cuts.c - power that goes while a disk is written: what flash_write() asks a
 * disk for is logged, and from the log come the disks that a cut can leave.  A
 * disk may do what it was asked for since the last sync in any order and in
 * part; a sector is written or not.  None of them boots unless all of the image
 * is there.
 */
#include "flash/table.h"
#include "harness/tap.h"
#include "mock/alloc.h"
#include "tools/flash/flash.h"

enum {
	SECTOR = 512,
	TABLE = 34 * SECTOR,
	CHUNK = 40 * SECTOR,
	CHUNKS = 10,
	IMAGE = CHUNK * (CHUNKS - 1) + 30 * SECTOR, /* the last is shorter */
	ROOM = IMAGE + 64 * SECTOR,
	PLACE = 3 * CHUNK + SECTOR, /* of the profile's partition */
	OPERATIONS = 64,
	WINDOW = 16, /* operations between two syncs, at most */
	TEAR_STEP = 7 /* sectors between two cuts in one write */
};

struct operation {
	uint64_t at;
	size_t bytes; /* 0: a sync */
	uint8_t data[CHUNK + TABLE];
};

static struct {
	uint8_t image[IMAGE], done[IMAGE]; /* done: with the record */
	uint8_t old[ROOM]; /* what was there before */
	uint8_t disk[ROOM], state[ROOM];
	size_t disk_bytes;
	struct operation log[OPERATIONS];
	size_t count;
	struct flash_chunk chunks[CHUNKS];
	struct flash_manifest manifest;
	struct kk_bytes record;
	unsigned states, boots, resumed;
} world;

/* --- a disk that logs ----------------------------------------------------- */

static ssize_t disk_read(void *arg, void *to, size_t bytes, uint64_t at)
{
	(void)arg;
	if (at + bytes > world.disk_bytes)
		return -1;
	memcpy(to, world.disk + at, bytes);
	return (ssize_t)bytes;
}

static ssize_t disk_write(void *arg, const void *from, size_t bytes,
    uint64_t at)
{
	struct operation *o = &world.log[world.count];

	(void)arg;
	CHECK(world.count < OPERATIONS);
	CHECK(bytes <= sizeof(o->data) && at + bytes <= world.disk_bytes);
	world.count++;
	o->at = at;
	o->bytes = bytes;
	memcpy(o->data, from, bytes);
	memcpy(world.disk + at, from, bytes);
	return (ssize_t)bytes;
}

static int disk_zero(void *arg, uint64_t bytes, uint64_t at)
{
	(void)arg;
	(void)bytes;
	(void)at;
	return -1; /* zeros are written, as any disk can */
}

static int disk_sync(void *arg)
{
	(void)arg;
	CHECK(world.count < OPERATIONS);
	world.log[world.count++].bytes = 0;
	return 0;
}

static enum kk_err chunk_give(void *arg, size_t i, uint8_t *out)
{
	(void)arg;
	memcpy(out, world.image + i * CHUNK,
	    flash_chunk_bytes(&world.manifest, i));
	return KK_OK;
}

static void told(void *arg, const char *phase, uint64_t done, uint64_t all)
{
	(void)arg;
	(void)phase;
	CHECK(done <= all);
}

static void run(bool resumes)
{
	static const struct flash_io io = { disk_read, disk_write, disk_zero,
		disk_sync };
	const struct flash_source source = { &world.manifest, chunk_give,
		NULL };
	const struct flash_target target = { &io, NULL, world.disk_bytes };
	const struct flash_progress progress = { told, NULL };
	struct flash_written written;

	world.count = 0;
	CHECK_OK(flash_write(&source, &target, resumes,
	    kk_bytes_view(&world.record), &progress, &written));
}

/* --- images --------------------------------------------------------------- */

static void content_make(uint8_t *to, size_t bytes, unsigned seed)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(i * 31 + i / SECTOR * seed + seed);
}

/* A table in the first sectors and its copy in the last ones. */
static void tables_make(uint8_t *disk, size_t bytes)
{
	memset(disk, 0, TABLE);
	table_make(disk, 128);
	table_entry(disk, 1, "profile", PLACE / SECTOR,
	    (PLACE + CHUNK) / SECTOR - 1);
	memset(disk + bytes - 33 * SECTOR, 0, 33 * SECTOR);
	memcpy(disk + bytes - SECTOR, disk + SECTOR, SECTOR);
	memcpy(disk + bytes - 33 * SECTOR, disk + 2 * SECTOR, 32 * SECTOR);
}

static void world_make(size_t disk_bytes)
{
	memset(&world, 0, sizeof(world));
	world.disk_bytes = disk_bytes;
	content_make(world.image, IMAGE, 5);
	memset(world.image + 6 * CHUNK, 0, CHUNK); /* a hole */
	tables_make(world.image, IMAGE);
	/* The old disk has much of the new one. */
	content_make(world.old, disk_bytes, 9);
	memcpy(world.old + 4 * CHUNK, world.image + 4 * CHUNK, 2 * CHUNK);
	tables_make(world.old, disk_bytes);
	world.manifest = (struct flash_manifest){ .image_bytes = IMAGE,
		.chunk_bytes = CHUNK,
		.count = CHUNKS,
		.chunks = world.chunks };
	for (size_t i = 0; i < CHUNKS; i++)
		world.chunks[i].frame_bytes = i != 6;
	CHECK_OK(flash_record_make(kk_view_text("name = Room 4\n"),
	    &world.record));
	memcpy(world.done, world.image, IMAGE);
	memcpy(world.done + PLACE, world.record.data, world.record.bytes);
}

/* --- what a cut leaves ---------------------------------------------------- */

/* A table counts when its checksum does, so when all of it is there (UEFI 2.10,
 * 5.3.2); its copy, on the disk's very last sectors, counts as much.  Old and
 * new have the same, as two versions of an image do. */
static bool is_booted(void)
{
	const size_t at = world.disk_bytes - 33 * SECTOR;

	return !memcmp(world.state + SECTOR, world.image + SECTOR,
		   33 * SECTOR) ||
	    !memcmp(world.state + at, world.old + at, 33 * SECTOR);
}

/* What was there, wiped here and there. */
static bool is_old(void)
{
	static const uint8_t zeros[SECTOR];

	for (size_t at = 0; at < world.disk_bytes; at += SECTOR) {
		if (memcmp(world.state + at, world.old + at, SECTOR) != 0 &&
		    memcmp(world.state + at, zeros, SECTOR) != 0)
			return false;
	}
	return true;
}

/* All of the new one is there, or no piece of it yet. */
static void state_check(void)
{
	world.states++;
	if (!is_booted())
		return;
	if (!memcmp(world.state + TABLE, world.done + TABLE, IMAGE - 2 * TABLE))
		world.boots++;
	else
		CHECK(is_old());
}

static void apply(const struct operation *o, size_t from, size_t to)
{
	memcpy(world.state + o->at + from, o->data + from, to - from);
}

/* From what was surely there before the window [first, end), the operations of
 * which are those whose bits are set; one of them only in a part. */
static void window_state(const uint8_t *base, size_t first, size_t end,
    unsigned set, size_t torn, size_t from, size_t to)
{
	memcpy(world.state, base, world.disk_bytes);
	for (size_t i = first; i < end; i++) {
		const struct operation *o = &world.log[i];

		if (i == torn)
			apply(o, from, to);
		else if (set >> (i - first) & 1)
			apply(o, 0, o->bytes);
	}
	state_check();
}

/* Each operation's beginning, its end and its middle alone, before and behind
 * all others of its window. */
static void window_tear(const uint8_t *base, size_t first, size_t end)
{
	const unsigned all = (1U << (end - first)) - 1;

	for (size_t i = first; i < end; i++) {
		const unsigned before = (1U << (i - first)) - 1;
		const size_t bytes = world.log[i].bytes;

		for (size_t at = SECTOR; at < bytes; at += TEAR_STEP * SECTOR) {
			window_state(base, first, end, before, i, 0, at);
			window_state(base, first, end, before, i, at, bytes);
			window_state(base, first, end, all, i, 0, at);
			window_state(base, first, end, all, i, at, bytes);
			window_state(base, first, end, all, i, at, at + SECTOR);
		}
	}
}

/* Each set of the window's operations: that has each prefix, too. */
static void window_try(uint8_t *base, size_t first, size_t end)
{
	CHECK(end - first <= WINDOW);
	for (unsigned set = 0; set < 1U << (end - first); set++)
		window_state(base, first, end, set, end, 0, 0);
	window_tear(base, first, end);
	for (size_t i = first; i < end; i++) {
		const struct operation *o = &world.log[i];

		memcpy(base + o->at, o->data, o->bytes);
	}
}

/* All cuts of the logged run on a disk that had this before. */
static void cuts_try(const uint8_t *before)
{
	static uint8_t base[ROOM];
	size_t first = 0;

	memcpy(base, before, world.disk_bytes);
	for (size_t i = 0; i < world.count; i++) {
		if (world.log[i].bytes > 0)
			continue;
		window_try(base, first, i);
		first = i + 1;
	}
	CHECK_EQ(first, world.count); /* it ends with a sync */
	CHECK_MEM(base, world.done, IMAGE);
}

static void run_try(size_t disk_bytes, bool resumes)
{
	world_make(disk_bytes);
	memcpy(world.disk, world.old, disk_bytes);
	run(resumes);
	CHECK_MEM(world.disk, world.done, IMAGE);
	cuts_try(world.old);
	CHECK(world.boots > 0);
	tap_diag("%u states, %u of them boot the new one", world.states,
	    world.boots);
	kk_bytes_clear(&world.record);
}

TEST(a_cut_leaves_nothing_that_boots_but_all_of_it)
{
	run_try(ROOM, false);
}

TEST(a_cut_of_a_second_try_leaves_nothing_that_boots_but_all_of_it)
{
	run_try(ROOM, true);
}

TEST(so_it_is_on_a_disk_just_as_large_where_the_tables_copy_boots)
{
	run_try(IMAGE, false);
}

TEST(so_it_is_of_a_second_try_on_a_disk_just_as_large)
{
	run_try(IMAGE, true);
}

TEST(from_whatever_a_cut_left_a_second_try_makes_it_whole)
{
	size_t count;

	world_make(ROOM);
	memcpy(world.disk, world.old, ROOM);
	run(false);
	count = world.count;
	for (size_t end = 0; end <= count; end++) {
		memcpy(world.disk, world.old, ROOM);
		run(false);
		memcpy(world.disk, world.old, ROOM);
		for (size_t i = end % 3; i < end; i++)
			memcpy(world.disk + world.log[i].at, world.log[i].data,
			    world.log[i].bytes);
		run(true);
		CHECK_MEM(world.disk, world.done, IMAGE);
	}
	kk_bytes_clear(&world.record);
}
