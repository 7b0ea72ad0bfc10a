/* log.c - the program's log: standard error, as the journal reads it. */
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "program.h"

void program_log_write(void *arg, enum kk_log_level level, const char *line)
{
	static const char *const prefixes[] = { SD_ERR, SD_WARNING, SD_INFO,
		SD_DEBUG };

	(void)arg;
	(void)fprintf(stderr, "%s%s\n", prefixes[level], line);
}
