/* pace.c - the machine's clock, for kinds that have none. */
#define _GNU_SOURCE /* clock_nanosleep() */
#include <errno.h>
#include <time.h>

#include "drivers/audio/audio_internal.h"

#define NS_PER_S 1000000000ULL
#define BLOCK_NS (AUDIO_BLOCK_MS * 1000000ULL)

enum { LATE_BLOCKS_MAX = 20 };

static uint64_t now_get(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

void audio_pace_wait(struct audio_pace *pace)
{
	uint64_t now = now_get();
	struct timespec at;

	pace->next_ns += BLOCK_NS;
	if (pace->next_ns + LATE_BLOCKS_MAX * BLOCK_NS < now)
		pace->next_ns = now;
	at = (struct timespec){ (time_t)(pace->next_ns / NS_PER_S),
		(long)(pace->next_ns % NS_PER_S) };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) ==
	    EINTR)
		;
}
