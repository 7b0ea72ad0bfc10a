/* log.c - the program's log: standard error, as the journal reads it. */
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "program.h"

static struct iovec piece(const char *text)
{
	return (struct iovec){ (void *)(uintptr_t)text, strlen(text) };
}

void program_log_line(const char *prefix, const char *line)
{
	const struct iovec pieces[] = { piece(prefix), piece(line),
		piece("\n") };

	/* Nobody can be told where the log is not taken. */
	if (writev(STDERR_FILENO, pieces, 3) < 0)
		return;
}

void program_log_write(void *arg, enum kk_log_level level, const char *line)
{
	static const char *const prefixes[] = { SD_ERR, SD_WARNING, SD_INFO,
		SD_DEBUG };

	(void)arg;
	program_log_line(prefixes[level], line);
}
