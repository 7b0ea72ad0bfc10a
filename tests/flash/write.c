/* write.c - images onto disks that are good, bad, full, and gone. */
#include "flash/table.h"
#include "harness/tap.h"
#include "mock/alloc.h"
#include "tools/flash/flash.h"

enum {
	CHUNK = 65536,
	CHUNKS = 24,
	IMAGE = CHUNK * (CHUNKS - 1) + 5000,
	DISK = IMAGE + 2 * CHUNK,
	PLACE = 3 * CHUNK, /* of the profile's partition */
	HOLE = 7, /* a chunk of zeros */
	FIRST = 34 * 512 /* the table */
};

/* A disk whose operations can be made to fail. */
struct disk {
	uint8_t data[DISK];
	unsigned operations;
	unsigned fails_at; /* operation, from 1; 0: never */
	size_t flips_at; /* a bit of this byte turns in writing; 0: none */
	bool zeroes, is_short; /* is_short: one byte less a call */
};

static struct {
	uint8_t image[IMAGE];
	struct flash_chunk chunks[CHUNKS];
	struct flash_manifest manifest;
	struct disk disk;
	uint64_t told, told_all;
	size_t breaks_at; /* a chunk, from 1; 0: none */
} world;

static bool is_failing(struct disk *d)
{
	return ++d->operations == d->fails_at;
}

static ssize_t disk_read(void *arg, void *to, size_t bytes, uint64_t at)
{
	struct disk *d = arg;

	if (is_failing(d) || at + bytes > DISK)
		return -1;
	bytes -= d->is_short && bytes > 1;
	memcpy(to, d->data + at, bytes);
	return (ssize_t)bytes;
}

static ssize_t disk_write(void *arg, const void *from, size_t bytes,
    uint64_t at)
{
	struct disk *d = arg;

	if (is_failing(d) || at + bytes > DISK)
		return -1;
	bytes -= d->is_short && bytes > 1;
	memcpy(d->data + at, from, bytes);
	if (d->flips_at >= at && d->flips_at < at + bytes && d->flips_at > 0)
		d->data[d->flips_at] ^= 1;
	return (ssize_t)bytes;
}

static int disk_zero(void *arg, uint64_t bytes, uint64_t at)
{
	struct disk *d = arg;

	if (!d->zeroes)
		return -1;
	memset(d->data + at, 0, bytes);
	return 0;
}

static int disk_sync(void *arg)
{
	return is_failing(arg) ? -1 : 0;
}

static enum kk_err chunk_give(void *arg, size_t i, uint8_t *out)
{
	(void)arg;
	if (i + 1 == world.breaks_at)
		return KK_EVERIFY;
	memcpy(out, world.image + i * CHUNK,
	    flash_chunk_bytes(&world.manifest, i));
	return KK_OK;
}

static void told(void *arg, const char *phase, uint64_t done, uint64_t all)
{
	(void)arg;
	CHECK(phase[0]);
	CHECK(done <= all);
	world.told = done;
	world.told_all = all;
}

/* An image that has its table, and a disk with something else. */
static void world_make(void)
{
	memset(&world, 0, sizeof(world));
	for (size_t i = 0; i < IMAGE; i++)
		world.image[i] = (uint8_t)(i * 31 + i / 1000 + 1);
	memset(world.image, 0, TABLE_BYTES);
	memset(world.image + HOLE * CHUNK, 0, CHUNK);
	table_make(world.image, 4);
	table_entry(world.image, 1, "profile", PLACE / 512,
	    (PLACE + CHUNK) / 512 - 1);
	memset(world.disk.data, 0xaa, DISK);
	world.manifest = (struct flash_manifest){ .image_bytes = IMAGE,
		.chunk_bytes = CHUNK,
		.count = CHUNKS,
		.chunks = world.chunks };
	for (size_t i = 0; i < CHUNKS; i++)
		world.chunks[i].frame_bytes = i != HOLE;
}

static enum kk_err run(bool resumes, struct kk_view record,
    struct flash_written *written)
{
	static const struct flash_io io = { disk_read, disk_write, disk_zero,
		disk_sync };
	const struct flash_source source = { &world.manifest, chunk_give,
		NULL };
	const struct flash_target target = { &io, &world.disk, DISK };
	const struct flash_progress progress = { told, NULL };

	world.disk.operations = 0;
	return flash_write(&source, &target, resumes, record, &progress,
	    written);
}

static const struct kk_view no_record;

/* Nothing boots from a disk without its table. */
static bool has_table(void)
{
	return !memcmp(world.disk.data + 512, "EFI PART", 8) ||
	    !memcmp(world.disk.data + IMAGE - 512, "EFI PART", 8);
}

static bool is_image(void)
{
	return !memcmp(world.disk.data, world.image, IMAGE);
}

TEST(an_image_is_on_the_disk_whether_that_zeroes_or_not)
{
	struct flash_written written;

	for (int zeroes = 0; zeroes < 2; zeroes++) {
		world_make();
		world.disk.zeroes = zeroes;
		CHECK_OK(run(false, no_record, &written));
		CHECK(is_image());
		CHECK_EQ(written.wrote_bytes, IMAGE);
		CHECK_EQ(written.kept_bytes, 0);
		CHECK_EQ(world.told, IMAGE);
		CHECK_EQ(world.told_all, IMAGE);
	}
}

TEST(a_disk_that_takes_less_at_a_time_gets_all)
{
	struct flash_written written;

	world_make();
	world.disk.is_short = true;
	CHECK_OK(run(false, no_record, &written));
	CHECK(is_image());
}

TEST(a_disk_that_goes_at_any_moment_is_told_and_never_boots)
{
	struct flash_written written;
	unsigned failed = 0, last;

	world_make();
	CHECK_OK(run(false, no_record, &written));
	last = world.disk.operations;
	for (unsigned at = 1; at <= last; at++) {
		enum kk_err err;

		world_make();
		world.disk.fails_at = at;
		err = run(false, no_record, &written);
		if (err != KK_EIO) /* zeroing in one failed: it is written */
			CHECK_OK(err);
		failed += err != KK_OK;
		/* The table is written when all else is there. */
		CHECK(!has_table() || is_image());
		if (err && at + 6 <= last)
			CHECK(!has_table());
	}
	CHECK(failed + 2 > last);
}

TEST(whatever_was_written_a_second_try_makes_it_whole)
{
	struct flash_written written;
	unsigned last;

	world_make();
	CHECK_OK(run(false, no_record, &written));
	last = world.disk.operations;
	for (unsigned at = 1; at <= last; at += 3) {
		world_make();
		world.disk.fails_at = at;
		CHECK_ERR(run(false, no_record, &written), KK_EIO);
		world.disk.fails_at = 0;
		CHECK_OK(run(at % 2, no_record, &written));
		CHECK(is_image());
	}
}

TEST(resuming_keeps_what_is_there_and_mends_the_rest)
{
	struct flash_written written;

	world_make();
	CHECK_OK(run(false, no_record, &written));
	world.disk.data[5 * CHUNK + 17] ^= 4;
	CHECK_OK(run(true, no_record, &written));
	CHECK(is_image());
	CHECK_EQ(written.wrote_bytes, CHUNK + FIRST); /* which is always new */
	CHECK_EQ(written.kept_bytes, IMAGE - CHUNK - FIRST);
}

TEST(a_turned_bit_anywhere_is_found_and_such_a_disk_does_not_boot)
{
	struct flash_written written;

	for (size_t at = 513; at < IMAGE; at += 9973) {
		world_make();
		world.disk.zeroes = true;
		world.disk.flips_at = at;
		if (at / CHUNK == HOLE)
			continue; /* zeroed by the disk itself */
		CHECK_ERR(run(false, no_record, &written), KK_EVERIFY);
		CHECK_EQ(written.bad_chunk, at / CHUNK);
		CHECK(!has_table());
	}
}

TEST(a_disk_that_is_too_small_is_left_alone)
{
	const struct flash_io io = { disk_read, disk_write, disk_zero,
		disk_sync };
	const struct flash_source source = { &world.manifest, chunk_give,
		NULL };
	const struct flash_target target = { &io, &world.disk, IMAGE - 1 };
	const struct flash_progress progress = { told, NULL };
	struct flash_written written;

	world_make();
	CHECK_ERR(flash_write(&source, &target, false, no_record, &progress,
		      &written),
	    KK_ENOSPC);
	CHECK_EQ(world.disk.operations, 0);
}

TEST(a_profile_is_in_its_partition_behind_magic_and_hash)
{
	const struct kk_view text = kk_view_text("name = Room 4\n");
	struct flash_written written;
	struct kk_bytes record;

	world_make();
	CHECK_OK(flash_record_make(text, &record));
	CHECK_OK(run(false, kk_bytes_view(&record), &written));
	CHECK_MEM(world.disk.data + PLACE, "KKPROF01\0\0\0\x0e", 12);
	CHECK_MEM(world.disk.data + PLACE + 44, text.data, text.bytes);
	CHECK_MEM(world.disk.data, world.image, PLACE);
	kk_bytes_clear(&record);
}

TEST(a_profile_without_a_place_is_told_before_the_disk_boots)
{
	struct flash_written written;
	const struct kk_view record = kk_view_text("x");

	world_make();
	table_entry(world.image, 1, "profilX", 1, 2);
	CHECK_ERR(run(false, record, &written), KK_ENOENT);
	CHECK(!has_table());
	world_make(); /* over the table itself */
	table_entry(world.image, 1, "profile", 34, 40);
	CHECK_ERR(run(false, record, &written), KK_ENOENT);
	world_make(); /* behind the image */
	table_entry(world.image, 1, "profile", IMAGE / 512, IMAGE / 512 + 9);
	CHECK_ERR(run(false, record, &written), KK_ENOENT);
	CHECK(!has_table());
}

TEST(a_source_that_breaks_is_told_and_the_disk_does_not_boot)
{
	struct flash_written written;

	for (size_t i = 0; i < CHUNKS; i++) {
		world_make();
		world.breaks_at = i + 1;
		CHECK_ERR(run(false, no_record, &written), KK_EVERIFY);
		CHECK(!has_table());
	}
}

TEST(writing_without_memory_is_told_and_touches_nothing)
{
	struct flash_written written;
	enum kk_err err;

	world_make();
	ALLOC_FAULT_LOOP(err, run(false, no_record, &written));
	CHECK_OK(err);
	world_make();
	mock_alloc_arm(1);
	CHECK_ERR(run(false, no_record, &written), KK_ENOMEM);
	(void)mock_alloc_disarm();
	CHECK_EQ(world.disk.operations, 0);
}
