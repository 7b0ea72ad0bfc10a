/* show.c - lists, progress, and records. */
#define _GNU_SOURCE /* clock_gettime(), gmtime_r() */
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/flash/show.h"

enum {
	TOLD_MS = 200,
	MS = 1000,
	RATE_FROM_MS = 2000, /* before, a rate says nothing */
	MINUTE_S = 60
};

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * MS + t.tv_nsec / 1000000;
}

/* --- progress ------------------------------------------------------------- */

void flash_meter_init(struct flash_meter *m)
{
	*m = (struct flash_meter){ .is_terminal = isatty(STDERR_FILENO) };
}

static void rate_print(const struct flash_meter *m, int64_t now, uint64_t done,
    uint64_t all)
{
	const uint64_t took_ms = (uint64_t)(now - m->began_ms);
	uint64_t left_s;
	char rate[16], left[24];

	if (took_ms < RATE_FROM_MS || done == 0)
		return;
	flash_size_text(rate, done * MS / took_ms);
	left_s = (all - done) * took_ms / done / MS + 1;
	(void)snprintf(left, sizeof(left), "%" PRIu64 ":%02" PRIu64,
	    left_s / MINUTE_S, left_s % MINUTE_S);
	(void)fprintf(stderr, "  %s/s", rate);
	if (done < all) {
		(void)fputs("  ", stderr);
		flash_tell(stderr, WORD_LEFT, left, "", "");
	} else {
		(void)fputc('\n', stderr);
	}
}

static void line_print(struct flash_meter *m, int64_t now, uint64_t done,
    uint64_t all)
{
	if (m->is_terminal && m->has_line)
		(void)fputs("\033[A\033[2K", stderr);
	m->has_line = true;
	(void)fprintf(stderr, "%s: %3u %%", m->phase,
	    (unsigned)(done * 100 / all));
	if (now - m->began_ms < RATE_FROM_MS || done == 0)
		(void)fputc('\n', stderr);
	rate_print(m, now, done, all);
	(void)fflush(stderr);
}

/* A line that no terminal shows is said at the end of each phase alone. */
void flash_meter_tell(void *arg, const char *phase, uint64_t done, uint64_t all)
{
	struct flash_meter *m = arg;
	const int64_t now = now_ms();
	const bool is_new = !m->phase || strcmp(m->phase, phase) != 0;

	if (is_new) {
		m->phase = phase;
		m->began_ms = now;
		m->has_line = false;
	}
	if (all == 0 || done > all)
		return;
	if (done < all &&
	    (!m->is_terminal || (!is_new && now - m->told_ms < TOLD_MS)))
		return;
	m->told_ms = now;
	line_print(m, now, done, all);
}

void flash_meter_end(struct flash_meter *m)
{
	m->has_line = false;
	m->phase = NULL;
}

/* --- lists ---------------------------------------------------------------- */

static void field(FILE *out, const char *name, const char *text, bool is_last)
{
	(void)fprintf(out, "\"%s\":", name);
	flash_json_text(out, text);
	(void)fputs(is_last ? "" : ",", out);
}

static const char *truth(bool is_true)
{
	return is_true ? "true" : "false";
}

static void disk_json(FILE *out, const struct flash_disk *d)
{
	(void)fputc('{', out);
	field(out, "name", d->name, false);
	field(out, "model", d->model, false);
	(void)fprintf(out,
	    "\"bytes\":%" PRIu64 ",\"isRemovable\":%s,\"isUsb\":%s,"
	    "\"isReadOnly\":%s,\"isUsed\":%s,\"isSystem\":%s,",
	    d->bytes, truth(d->is_removable), truth(d->is_usb),
	    truth(d->is_read_only), truth(d->is_used), truth(d->is_system));
	field(out, "usedAs", d->used_as, false);
	field(out, "content", d->content, true);
	(void)fputc('}', out);
}

static void disk_text(FILE *out, const struct flash_disk *d)
{
	char size[16];

	flash_size_text(size, d->bytes);
	(void)fprintf(out, "%-10s %10s  %s%s%s\n", d->name, size,
	    d->is_usb ? "USB " : "", d->model[0] ? d->model : "-",
	    d->is_read_only ? " *" : "");
	(void)fprintf(out, "%22s  %s\n", "",
	    d->content[0] ? d->content : flash_word(WORD_EMPTY));
	if (d->is_used)
		(void)fprintf(out, "%22s  %s: %s\n", "",
		    flash_word(d->is_system ? WORD_SYSTEM : WORD_USED),
		    d->used_as);
	if (d->is_read_only)
		(void)fprintf(out, "%22s  %s\n", "",
		    flash_word(WORD_READ_ONLY));
}

void flash_disks_show(FILE *out, const struct flash_disk *disks, size_t count,
    bool is_json)
{
	if (is_json)
		(void)fputc('[', out);
	else if (count == 0)
		flash_tell(out, WORD_DISKS_NONE, "", "", "");
	for (size_t i = 0; i < count; i++) {
		if (is_json && i > 0)
			(void)fputc(',', out);
		if (is_json)
			disk_json(out, &disks[i]);
		else
			disk_text(out, &disks[i]);
	}
	if (is_json)
		(void)fputs("]\n", out);
}

static void package_fields(FILE *out, const struct flash_package *p)
{
	field(out, "board", p->manifest.board, false);
	field(out, "version", p->manifest.version, false);
	field(out, "signer", p->signer, false);
	(void)fprintf(out, "\"imageBytes\":%" PRIu64, p->manifest.image_bytes);
}

void flash_package_show(FILE *out, const struct flash_package *p, bool is_json)
{
	if (!is_json) {
		flash_tell(out, WORD_IMAGE, p->manifest.board,
		    p->manifest.version, p->signer);
		return;
	}
	(void)fputc('{', out);
	package_fields(out, p);
	(void)fputs("}\n", out);
}

void flash_outcome_show(FILE *out, const struct flash_outcome *o)
{
	const time_t now = time(NULL);
	char stamp[32] = "";
	struct tm utc;

	if (gmtime_r(&now, &utc))
		(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ",
		    &utc);
	(void)fputc('{', out);
	field(out, "time", stamp, false);
	field(out, "result", o->result, false);
	field(out, "to", o->to, false);
	field(out, "model", o->model, false);
	if (o->name)
		field(out, "name", o->name, false);
	(void)fprintf(out,
	    "\"wroteBytes\":%" PRIu64 ",\"keptBytes\":%" PRIu64 ",",
	    o->written.wrote_bytes, o->written.kept_bytes);
	package_fields(out, o->package);
	(void)fputs("}\n", out);
}
