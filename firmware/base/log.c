/* log.c - lines with a level, to a sink of the caller's. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *kk_log_level_name(enum kk_log_level level)
{
	static const char *const names[] = { "error", "warning", "info",
		"debug" };

	if ((unsigned int)level >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[level];
}

/* Writes text into line with control characters made visible. */
static size_t line_put(char *line, size_t room, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (n + 8 > room) {
			memcpy(line + n, "...", 3);
			n += 3;
			break;
		}
		if (c >= 0x20 && c != 0x7f) {
			line[n++] = (char)c;
			continue;
		}
		line[n++] = '\\';
		line[n++] = 'x';
		line[n++] = hex[c >> 4];
		line[n++] = hex[c & 15];
	}
	line[n] = '\0';
	return n;
}

void kk_log(const struct kk_log *log, enum kk_log_level level,
    const char *format, ...)
{
	char raw[KK_LOG_LINE_BYTES];
	char line[KK_LOG_LINE_BYTES];
	size_t n = 0;
	va_list ap;

	if (!log || !log->fn || level > log->level)
		return;
	va_start(ap, format);
	if (vsnprintf(raw, sizeof(raw), format, ap) < 0)
		raw[0] = '\0';
	va_end(ap);
	if (log->module) {
		n = line_put(line, sizeof(line) / 4, log->module);
		line[n++] = ':';
		line[n++] = ' ';
	}
	(void)line_put(line + n, sizeof(line) - n, raw);
	log->fn(log->arg, level, line);
}
