/* csv.c - many units' profiles in one table.  Source: RFC 4180, 2. */
#include <string.h>

#include "profile/profile_private.h"

struct table {
	struct kk_view left;
	size_t line;
	bool is_row_end; /* the last field was its row's last */
};

/* "…" with "" for a quote; out has room for all that is left. */
static enum kk_err quoted_take(struct table *t, uint8_t *out, size_t *bytes,
    struct profile_problem *problem)
{
	const uint8_t *p = t->left.data + 1;
	const uint8_t *const end = t->left.data + t->left.bytes;
	const size_t first = t->line;

	for (*bytes = 0; p < end; p++) {
		if (*p == '"') {
			if (p + 1 == end || p[1] != '"')
				break;
			p++;
		}
		t->line += *p == '\n';
		if (*bytes == PROFILE_VALUE_MAX)
			return profile_fail(problem, KK_ELIMIT,
			    PROFILE_TOO_LONG, first, PROFILE_KEYS);
		out[(*bytes)++] = *p;
	}
	if (p == end)
		return profile_fail(problem, KK_EFORMAT, PROFILE_QUOTES, first,
		    PROFILE_KEYS);
	t->left.bytes = (size_t)(end - p - 1);
	t->left.data = p + 1;
	return KK_OK;
}

static enum kk_err plain_take(struct table *t, uint8_t *out, size_t *bytes,
    struct profile_problem *problem)
{
	struct kk_view v = t->left;

	v.bytes = 0;
	while (v.bytes < t->left.bytes && t->left.data[v.bytes] != ',' &&
	    t->left.data[v.bytes] != '\n')
		v.bytes++;
	t->left.data += v.bytes;
	t->left.bytes -= v.bytes;
	v = profile_trim(v);
	if (v.bytes > PROFILE_VALUE_MAX)
		return profile_fail(problem, KK_ELIMIT, PROFILE_TOO_LONG,
		    t->line, PROFILE_KEYS);
	if (v.bytes > 0)
		memcpy(out, v.data, v.bytes);
	*bytes = v.bytes;
	return KK_OK;
}

/* A field, and the comma or the end of line behind it. */
static enum kk_err field_take(struct table *t, uint8_t *out, size_t *bytes,
    struct profile_problem *problem)
{
	const bool is_quoted = t->left.bytes > 0 && t->left.data[0] == '"';
	enum kk_err err = is_quoted ? quoted_take(t, out, bytes, problem) :
				      plain_take(t, out, bytes, problem);

	if (err)
		return err;
	if (t->left.bytes > 0 && t->left.data[0] == '\r') {
		t->left.data++;
		t->left.bytes--;
	}
	t->is_row_end = t->left.bytes == 0 || t->left.data[0] == '\n';
	if (!t->is_row_end && t->left.data[0] != ',')
		return profile_fail(problem, KK_EFORMAT, PROFILE_QUOTES,
		    t->line, PROFILE_KEYS);
	if (t->left.bytes > 0) {
		t->line += t->is_row_end;
		t->left.data++;
		t->left.bytes--;
	}
	return KK_OK;
}

/* The first line: which key each column has. */
static enum kk_err keys_take(struct table *t, enum profile_key *keys,
    size_t *count, struct profile_problem *problem)
{
	uint8_t field[PROFILE_VALUE_MAX];
	size_t bytes = 0;
	enum kk_err err;

	*count = 0;
	do {
		err = field_take(t, field, &bytes, problem);
		if (err)
			return err;
		if (*count == PROFILE_KEYS ||
		    !profile_key_find(kk_view_of(field, bytes), &keys[*count]))
			return profile_fail(problem, KK_EFORMAT,
			    PROFILE_UNKNOWN, 1, PROFILE_KEYS);
		for (size_t i = 0; i < *count; i++) {
			if (keys[i] == keys[*count])
				return profile_fail(problem, KK_EFORMAT,
				    PROFILE_TWICE, 1, keys[i]);
		}
		(*count)++;
	} while (!t->is_row_end);
	return KK_OK;
}

/* Columns that are empty leave what p has. */
static enum kk_err row_take(struct table *t, struct profile *p,
    const enum profile_key *keys, size_t count, struct profile_problem *problem)
{
	const size_t line = t->line;
	uint8_t field[PROFILE_VALUE_MAX];
	size_t bytes = 0, column = 0;
	enum kk_err err;

	do {
		err = field_take(t, field, &bytes, problem);
		if (err)
			return err;
		if (column == count)
			return profile_fail(problem, KK_EFORMAT,
			    PROFILE_COLUMNS, line, PROFILE_KEYS);
		if (p && bytes > 0)
			err = profile_value_put(p, keys[column],
			    kk_view_of(field, bytes), line, problem);
		if (err)
			return err;
		column++;
	} while (!t->is_row_end);
	kk_wipe(field, sizeof(field));
	if (column != count)
		return profile_fail(problem, KK_EFORMAT, PROFILE_COLUMNS, line,
		    PROFILE_KEYS);
	return KK_OK;
}

enum kk_err profile_csv_take(struct profile *p, struct kk_view table,
    size_t row, struct profile_problem *problem)
{
	struct table t = { table, 1, false };
	enum profile_key keys[PROFILE_KEYS];
	struct profile next = *p;
	size_t count;
	enum kk_err err;

	if (table.bytes > PROFILE_BYTES_MAX)
		return profile_fail(problem, KK_ELIMIT, PROFILE_TOO_LONG, 1,
		    PROFILE_KEYS);
	if (profile_has_secret(table))
		return profile_fail(problem, KK_EDENIED, PROFILE_SECRET, 1,
		    PROFILE_KEYS);
	err = keys_take(&t, keys, &count, problem);
	for (size_t i = 1; !err; i++) {
		if (t.left.bytes == 0)
			return profile_fail(problem, KK_ENOENT, PROFILE_MISSING,
			    t.line, PROFILE_NAME);
		err = row_take(&t, i == row ? &next : NULL, keys, count,
		    problem);
		if (!err && i == row)
			break;
	}
	if (!err)
		*p = next;
	kk_wipe(&next, sizeof(next));
	return err;
}
