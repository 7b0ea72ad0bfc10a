/* output.c - what the children say. */
#define _GNU_SOURCE /* O_NONBLOCK */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum {
	LEVEL_ERROR = 3, /* of sd-daemon(3): shown where not verbose */
	TAKEN_MAX = 64 /* lines of one child at a time */
};

static void line_show(const struct sandbox_child *c, int level,
    const char *line)
{
	static const int colours[SANDBOX_PROGRAMS] = { 35, 34, 33, 32, 36 };

	if (c->sandbox->has_colour)
		(void)printf("\033[%dm%-7s\033[0m %s%s%s\n",
		    colours[c->program], c->label,
		    level <= LEVEL_ERROR ? "\033[1m" : "", line,
		    level <= LEVEL_ERROR ? "\033[0m" : "");
	else
		(void)printf("%-7s %s\n", c->label, line);
	(void)fflush(stdout);
}

/* What a terminal would take for more than text. */
static void line_clean(char *line)
{
	for (; *line; line++) {
		if ((unsigned char)*line < ' ' || *line == '\177')
			*line = ' ';
	}
}

/* With the time (UTC), so that several logs can be read side by side. */
static void line_keep(FILE *log, const char *line)
{
	struct timespec now;
	struct tm parts;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &parts);
	(void)fprintf(log, "%02d:%02d:%02d.%03ld %s\n", parts.tm_hour,
	    parts.tm_min, parts.tm_sec, now.tv_nsec / 1000000, line);
	(void)fflush(log);
}

static void line_end(struct sandbox_child *c)
{
	char *line = c->line;
	int level = LEVEL_ERROR; /* where none stands in front */

	c->line[c->line_bytes] = '\0';
	c->line_bytes = 0;
	if (line[0] == '<' && line[1] >= '0' && line[1] <= '7' &&
	    line[2] == '>') {
		level = line[1] - '0';
		line += 3;
	}
	line_clean(line);
	if (c->log)
		line_keep(c->log, line);
	if (level <= LEVEL_ERROR || c->sandbox->options.is_verbose)
		line_show(c, level, line);
}

static void bytes_take(struct sandbox_child *c, const char *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (data[i] != '\n' && c->line_bytes + 1 < sizeof(c->line)) {
			c->line[c->line_bytes++] = data[i];
			continue;
		}
		line_end(c);
		if (data[i] != '\n')
			c->line[c->line_bytes++] = data[i];
	}
}

void sandbox_output_take(struct sandbox_child *c)
{
	char piece[SANDBOX_LINE_BYTES];

	for (int i = 0; i < TAKEN_MAX; i++) {
		ssize_t n = read(c->pipe, piece, sizeof(piece));

		if (n <= 0)
			break;
		bytes_take(c, piece, (size_t)n);
	}
	/* An unfinished line is the last, where its writer is gone. */
	if (c->line_bytes && !c->pid)
		line_end(c);
}

static int output(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct sandbox_child *c = arg;

	(void)fd;
	if (events & EPOLLIN)
		sandbox_output_take(c);
	else /* closed; that the child has ended is told elsewhere */
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

void sandbox_output_open(struct sandbox_child *c)
{
	char *path;

	if (!c->log) {
		path = sandbox_text("%s/log/%s.log", c->sandbox->options.state,
		    c->label);
		c->log = path ? fopen(path, "we") : NULL;
		kk_free(path);
	}
	if (fcntl(c->pipe, F_SETFL, O_NONBLOCK) ||
	    sd_event_add_io(c->sandbox->event, &c->output, c->pipe, EPOLLIN,
		output, c) < 0)
		(void)fprintf(stderr, "sandbox: cannot read from %s\n",
		    c->label);
}
