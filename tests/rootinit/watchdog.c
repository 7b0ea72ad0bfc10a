/* watchdog.c - the watchdog's time, of the kernel's command line. */
#include "firmware/bin/rootinit/rootinit.h"
#include "harness/tap.h"

static unsigned seconds(const char *line)
{
	return watchdog_seconds(kk_view_text(line));
}

TEST(watchdog_has_the_time_of_the_command_line_and_the_last_one_counts)
{
	CHECK_EQ(seconds("ro konklave.watchdog=60 panic=10\n"), 60);
	CHECK_EQ(seconds("konklave.watchdog=60 konklave.watchdog=900"), 900);
	CHECK_EQ(seconds("konklave.watchdog=60 konklave.watchdog=0 ro"), 0);
	CHECK_EQ(seconds("konklave.watchdog=99999999999"), WATCHDOG_MAX_S);
}

TEST(without_a_time_the_watchdog_is_left_alone)
{
	int file = 0;

	CHECK_EQ(seconds(""), 0);
	CHECK_EQ(seconds("konklave.watchdog="), 0);
	CHECK_EQ(seconds("konklave.watchdog=x"), 0);
	CHECK_EQ(seconds("xkonklave.watchdog=60"), 0);
	watchdog_start(&file, kk_view_text("ro"));
	CHECK_EQ(file, -1);
	watchdog_feed(file);
}
