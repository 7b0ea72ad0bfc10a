/* figures.c - counting, percentiles, and what the kernel tells. */
#include <stdio.h>
#include <unistd.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "tools/load/count.h"
#include "tools/load/proc.h"

static struct load_counts run(const uint16_t *seqs, size_t count)
{
	struct load_counts c = { 0 };
	struct load_stream s = { 0 };

	for (size_t i = 0; i < count; i++)
		load_stream_take(&s, seqs[i], &c);
	return c;
}

#define RUN(...)                         \
	run((uint16_t[]){ __VA_ARGS__ }, \
	    KK_ARRAY_LEN(((uint16_t[]){ __VA_ARGS__ })))

TEST(a_stream_without_gaps_is_delivered_whole_over_the_wrap)
{
	struct load_counts c = RUN(65534, 65535, 0, 1, 2);

	CHECK_EQ(c.delivered, 5);
	CHECK_EQ(c.missing, 0);
	CHECK_EQ(c.twice, 0);
	CHECK_EQ(c.late, 0);
}

TEST(what_is_skipped_is_missing_until_it_comes)
{
	struct load_counts c = RUN(10, 14);

	CHECK_EQ(c.missing, 3);
	c = RUN(10, 14, 12);
	CHECK_EQ(c.missing, 2);
	CHECK_EQ(c.delivered, 3);
	c = RUN(65535, 2, 0);
	CHECK_EQ(c.missing, 1);
}

TEST(a_packet_that_comes_twice_counts_once)
{
	struct load_counts c = RUN(10, 11, 11, 10, 12);

	CHECK_EQ(c.delivered, 3);
	CHECK_EQ(c.twice, 2);
	CHECK_EQ(c.missing, 0);
}

TEST(what_is_older_than_can_be_told_apart_is_late)
{
	struct load_counts c = RUN(1000, 2000, 1900);

	CHECK_EQ(c.delivered, 2);
	CHECK_EQ(c.late, 1);
	CHECK_EQ(c.missing, 999);
}

TEST(what_was_before_the_first_packet_is_no_loss)
{
	struct load_counts c = RUN(1000, 999);

	CHECK_EQ(c.delivered, 1);
	CHECK_EQ(c.missing, 0);
}

TEST(percentiles_are_numbers_that_were_measured)
{
	struct load_series s = { 0 };

	CHECK_EQ(load_series_get(&s, 500), 0);
	for (uint32_t n = 5000; n > 0; n--)
		CHECK_OK(load_series_add(&s, n));
	CHECK_EQ(load_series_get(&s, 500), 2500);
	CHECK_EQ(load_series_get(&s, 990), 4950);
	CHECK_EQ(load_series_get(&s, 1000), 5000);
	CHECK_EQ(load_series_get(&s, 0), 1);
	load_series_clear(&s);
	CHECK_OK(load_series_add(&s, 7));
	CHECK_EQ(load_series_get(&s, 10), 7);
	load_series_clear(&s);
}

TEST(a_series_without_memory_says_so_and_stays)
{
	struct load_series s = { 0 };

	enum kk_err err;

	ALLOC_FAULT_LOOP(err, load_series_add(&s, 1));
	CHECK_OK(err);
	CHECK_EQ(s.count, 1);
	load_series_clear(&s);
}

TEST(the_kernels_files_are_read)
{
	uint64_t a = 0, b = 0;

	CHECK_OK(load_schedstat_parse("80595 12 3\n", &a));
	CHECK_EQ(a, 80595);
	CHECK_EQ(load_schedstat_parse("", &a), KK_EFORMAT);
	CHECK_EQ(load_schedstat_parse("80595", &a), KK_EFORMAT);
	CHECK_EQ(load_schedstat_parse("-1 2 3", &a), KK_EFORMAT);
	/* A program may call itself anything. */
	CHECK_OK(load_stat_parse("7 (a) S 1 (b) R 1 2 3 4 5 6 7 8 9 10 11 12 "
				 "13 14\n",
	    &a, &b));
	CHECK_EQ(a, 11);
	CHECK_EQ(b, 12);
	CHECK_EQ(load_stat_parse("7 (a) R 1 2 3", &a, &b), KK_EFORMAT);
	CHECK_EQ(load_stat_parse("", &a, &b), KK_EFORMAT);
	CHECK_OK(load_rollup_parse("x [rollup]\nRss: 9 kB\nPss:    12 kB\n",
	    &a));
	CHECK_EQ(a, 12 * 1024);
	CHECK_EQ(load_rollup_parse("Rss: 9 kB\n", &a), KK_EFORMAT);
	CHECK_EQ(load_rollup_parse("x\nPss: kB\n", &a), KK_EFORMAT);
}

TEST(a_process_has_used_what_it_has_burnt)
{
	struct load_usage before, after;
	unsigned long pid = (unsigned long)getpid();
	volatile uint64_t n = 0;
	uint64_t bytes = 0;

	CHECK_OK(load_usage_read(&before, pid));
	CHECK_EQ(before.threads, 1);
	do {
		for (int i = 0; i < 1000000; i++)
			n += (uint64_t)i;
		CHECK_OK(load_usage_read(&after, pid));
	} while (after.run_ns - before.run_ns < 20000000);
	CHECK(after.run_ns > before.run_ns);
	CHECK_OK(load_memory_read(&bytes, pid));
	CHECK(bytes > 100000);
}

TEST(a_process_that_is_not_there_is_an_error)
{
	struct load_usage usage;
	uint64_t bytes = 0;

	CHECK_EQ(load_usage_read(&usage, 1UL << 30), KK_ENOENT);
	CHECK_EQ(load_memory_read(&bytes, 1UL << 30), KK_ENOENT);
}
