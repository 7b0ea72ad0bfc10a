/* watchdog.c - from here on the machine starts again when nothing goes on. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rootinit.h"

#define DEVICE "/dev/watchdog0"

static const char name[] = "konklave.watchdog=";

/* As far as they are digits. */
static unsigned number_take(struct kk_view line, size_t at)
{
	unsigned n = 0;

	while (at < line.bytes && line.data[at] >= '0' &&
	    line.data[at] <= '9' && n <= WATCHDOG_MAX_S)
		n = n * 10 + (unsigned)(line.data[at++] - '0');
	return n <= WATCHDOG_MAX_S ? n : WATCHDOG_MAX_S;
}

unsigned watchdog_seconds(struct kk_view line)
{
	const size_t length = sizeof(name) - 1;
	unsigned seconds = 0;

	for (size_t at = 0; at + length < line.bytes; at++) {
		if ((at == 0 || line.data[at - 1] == ' ') &&
		    !memcmp(line.data + at, name, length))
			seconds = number_take(line, at + length);
	}
	return seconds;
}

/* Source: the kernel's Documentation/watchdog/watchdog-api.rst. */
void watchdog_start(int *file, struct kk_view line)
{
	int seconds = (int)watchdog_seconds(line);

	*file = seconds ? open(DEVICE, O_WRONLY | O_CLOEXEC) : -1;
	if (*file < 0)
		return;
	if (ioctl(*file, WDIOC_SETTIMEOUT, &seconds))
		rootinit_say("the watchdog keeps its own time: %s",
		    strerror(errno));
}

void watchdog_feed(int file)
{
	if (file >= 0)
		(void)ioctl(file, WDIOC_KEEPALIVE, 0);
}
