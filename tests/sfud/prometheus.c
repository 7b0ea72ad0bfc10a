/* prometheus.c - see prometheus.h. */
#define _GNU_SOURCE /* strndup(), strchrnul() */
#include "prometheus.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 96, METRICS_MAX = 128, LINES_MAX = 4096 };

enum type { COUNTER, GAUGE, HISTOGRAM, TYPES };

struct sample {
	char name[NAME_MAX_BYTES];
	char labels[NAME_MAX_BYTES * 2]; /* as they stand, without le */
	char le[NAME_MAX_BYTES]; /* "": none */
	double value;
};

struct reader {
	char metrics[METRICS_MAX][NAME_MAX_BYTES]; /* that came */
	size_t metric_count;
	const char *name; /* the present one; NULL: none */
	bool has_type;
	enum type type;
	size_t samples; /* of it */
	char *seen[LINES_MAX]; /* name and labels of each line */
	size_t seen_count;
	/* Of a histogram: */
	bool has_bucket, has_all;
	double le, count;
	struct sample last;
};

static const char *const type_names[TYPES] = { "counter", "gauge",
	"histogram" };

static bool ends_in(const char *name, const char *tail)
{
	size_t bytes = strlen(name), tail_bytes = strlen(tail);

	return bytes > tail_bytes && !strcmp(name + bytes - tail_bytes, tail);
}

/* Gives what follows, or NULL. */
static const char *name_take(const char *at, char *name, bool allows_colon)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_:";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789:";
	size_t bytes = strspn(at, rest);

	if (bytes == 0 || bytes >= NAME_MAX_BYTES || !strchr(first, *at) ||
	    (!allows_colon && memchr(at, ':', bytes)))
		return NULL;
	memcpy(name, at, bytes);
	name[bytes] = '\0';
	return at + bytes;
}

/* --- HELP and TYPE ----------------------------------------------------------
 */

static const char *metric_end(const struct reader *r)
{
	if (!r->name)
		return NULL;
	if (!r->has_type)
		return "HELP without TYPE";
	if (r->samples == 0)
		return "a metric without a line";
	return r->has_bucket ? "a histogram without sum and count" : NULL;
}

static const char *help_take(struct reader *r, const char *text)
{
	char *name = r->metrics[r->metric_count];
	const char *at = name_take(text, name, true), *fault = metric_end(r);

	if (fault)
		return fault;
	if (!at || *at != ' ' || !at[1])
		return "HELP needs a name and words";
	if (strncmp(name, "konklave_sfu_", 13) != 0)
		return "not our name";
	for (size_t i = 0; i < r->metric_count; i++) {
		if (!strcmp(r->metrics[i], name))
			return "a metric twice";
	}
	if (++r->metric_count == METRICS_MAX)
		return "too many metrics for this test";
	r->name = name;
	r->has_type = false;
	r->samples = 0;
	return NULL;
}

static const char *type_take(struct reader *r, const char *text)
{
	static const char *const reserved[] = { "_total", "_bucket", "_sum",
		"_count" };
	char name[NAME_MAX_BYTES];
	const char *at = name_take(text, name, true);

	if (!r->name || r->has_type || !at || strcmp(name, r->name) != 0)
		return "TYPE does not follow its HELP";
	if (*at++ != ' ')
		return "TYPE without a type";
	for (r->type = 0; r->type < TYPES; r->type++) {
		if (!strcmp(at, type_names[r->type]))
			break;
	}
	if (r->type == TYPES)
		return "an unknown type";
	r->has_type = true;
	if (r->type == COUNTER)
		return ends_in(name, "_total") ? NULL :
						 "a counter without _total";
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
		if (ends_in(name, reserved[i]))
			return "a name that is of another type";
	}
	return NULL;
}

/* --- lines with values ------------------------------------------------------
 */

/* label="value"; le stands apart. */
static const char *label_take(struct sample *s, const char *at)
{
	char name[NAME_MAX_BYTES];
	const char *value, *end, *begin = at;

	at = name_take(at, name, false);
	if (!at || strncmp(at, "=\"", 2) != 0)
		return NULL;
	value = at + 2;
	end = value + strcspn(value, "\"\\\n");
	if (*end != '"' || end == value ||
	    (size_t)(end - value) >= sizeof(s->le))
		return NULL; /* ours need no escapes, and are not empty */
	if (!strcmp(name, "le")) {
		memcpy(s->le, value, (size_t)(end - value));
		return end + 1;
	}
	if (strlen(s->labels) + (size_t)(end - begin) + 2 >= sizeof(s->labels))
		return NULL;
	memcpy(s->labels + strlen(s->labels), begin, (size_t)(end - begin) + 1);
	return end + 1;
}

static const char *labels_take(struct sample *s, const char *at)
{
	if (*at != '{')
		return at;
	do {
		at = label_take(s, at + 1);
	} while (at && *at == ',');
	return at && *at == '}' ? at + 1 : NULL;
}

static bool value_read(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && !*end && *text != ' ' && !isnan(*value);
}

static const char *bucket_take(struct reader *r, const struct sample *s)
{
	double le;

	if (!value_read(s->le, &le))
		return "le is no number";
	if (r->has_bucket) {
		if (r->has_all || strcmp(s->labels, r->last.labels) != 0)
			return "a bucket that belongs to no series";
		if (le <= r->le || s->value < r->count)
			return "buckets that do not rise";
	}
	r->has_bucket = true;
	r->has_all = isinf(le) && le > 0;
	r->le = le;
	r->count = s->value;
	r->last = *s;
	return NULL;
}

/* Buckets, sum, count. */
static const char *histogram_take(struct reader *r, const struct sample *s)
{
	const char *tail = s->name + strlen(r->name);

	if (!strcmp(tail, "_bucket"))
		return bucket_take(r, s);
	if (!r->has_bucket || !r->has_all || s->le[0] ||
	    strcmp(s->labels, r->last.labels) != 0)
		return "sum and count come after all buckets";
	if (!strcmp(tail, "_sum")) {
		if (ends_in(r->last.name, "_sum"))
			return "a sum twice";
		r->last = *s;
		return NULL;
	}
	if (strcmp(tail, "_count") != 0 || !ends_in(r->last.name, "_sum"))
		return "count comes after sum";
	r->has_bucket = r->has_all = false;
	return s->value == r->count ? NULL : "count is not the last bucket";
}

static const char *series_new(struct reader *r, const char *text, size_t bytes)
{
	for (size_t i = 0; i < r->seen_count; i++) {
		if (strlen(r->seen[i]) == bytes &&
		    !memcmp(r->seen[i], text, bytes))
			return "a series twice";
	}
	if (r->seen_count == LINES_MAX)
		return "too many lines for this test";
	r->seen[r->seen_count++] = strndup(text, bytes);
	return NULL;
}

static const char *sample_take(struct reader *r, const char *text)
{
	struct sample s = { 0 };
	const char *at = name_take(text, s.name, true), *fault;

	if (at)
		at = labels_take(&s, at);
	if (!at || *at != ' ' || !value_read(at + 1, &s.value))
		return "neither a comment nor a name, labels and a value";
	if (!r->name || !r->has_type)
		return "a line without HELP and TYPE";
	fault = series_new(r, text, (size_t)(at - text));
	if (fault)
		return fault;
	r->samples++;
	if (r->type != GAUGE && s.value < 0)
		return "it cannot be negative";
	if (r->type == HISTOGRAM)
		return strncmp(s.name, r->name, strlen(r->name)) != 0 ?
		    "a line of another metric" :
		    histogram_take(r, &s);
	return strcmp(s.name, r->name) != 0 || s.le[0] ?
	    "a line of another metric" :
	    NULL;
}

static const char *line_take(struct reader *r, const char *text)
{
	if (!strncmp(text, "# HELP ", 7))
		return help_take(r, text + 7);
	if (!strncmp(text, "# TYPE ", 7))
		return type_take(r, text + 7);
	return sample_take(r, text);
}

const char *prometheus_check(const char *page, unsigned *line)
{
	struct reader *r = calloc(1, sizeof(*r));
	const char *fault = r ? NULL : "no memory";

	*line = 0;
	while (!fault && *page) {
		const char *end = strchrnul(page, '\n');
		char *text = strndup(page, (size_t)(end - page));

		++*line;
		fault = !*end ? "no line feed at the end" : line_take(r, text);
		free(text);
		page = *end ? end + 1 : end;
	}
	if (!fault)
		fault = r->name ? metric_end(r) : "nothing";
	while (r && r->seen_count > 0)
		free(r->seen[--r->seen_count]);
	free(r);
	return fault;
}
