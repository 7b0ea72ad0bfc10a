/* parse.c - a profile's text: its lines, and its parts in [ ]. */
#include <string.h>

#include "profile/profile_private.h"

enum kk_err profile_fail(struct profile_problem *problem, enum kk_err err,
    enum profile_wrong what, size_t line, enum profile_key key)
{
	*problem = (struct profile_problem){ what, line, key };
	return err;
}

struct kk_view profile_trim(struct kk_view v)
{
	while (v.bytes > 0 && (v.data[0] == ' ' || v.data[0] == '\t')) {
		v.data++;
		v.bytes--;
	}
	while (v.bytes > 0 && strchr(" \t\r", v.data[v.bytes - 1]) &&
	    v.data[v.bytes - 1])
		v.bytes--;
	return v;
}

bool profile_line_take(struct kk_view *text, struct kk_view *line)
{
	if (text->bytes == 0)
		return false;
	*line = profile_trim(kk_text_line_take(text));
	return true;
}

bool profile_has_secret(struct kk_view text)
{
	static const char word[] = "PRIVATE KEY"; /* RFC 7468, 10 and 11 */
	const size_t bytes = sizeof(word) - 1;

	for (size_t i = 0; i + bytes <= text.bytes; i++) {
		if (!memcmp(text.data + i, word, bytes))
			return true;
	}
	return false;
}

struct reading {
	struct profile *p;
	size_t number; /* of the line */
	bool keeps; /* what it does not take */
	bool seen[PROFILE_KEYS];
};

static bool is_key_text(struct kk_view name)
{
	for (size_t i = 0; i < name.bytes; i++) {
		if (!name.data[i] ||
		    !strchr("abcdefghijklmnopqrstuvwxyz0123456789-.",
			name.data[i]))
			return false;
	}
	return name.bytes > 0;
}

/* What was wrong with a line or a part is no reason to lose what it says. */
static enum kk_err other_keep(struct reading *r, struct kk_view line,
    enum kk_err err, struct profile_problem *problem)
{
	struct profile *p = r->p;

	if (!r->keeps || !kk_text_is_utf8(line) ||
	    memchr(line.data, 0, line.bytes) ||
	    (problem->what != PROFILE_UNKNOWN &&
		problem->what != PROFILE_VALUE &&
		problem->what != PROFILE_TOO_LONG))
		return err;
	if (p->other_count == PROFILE_OTHERS_MAX)
		return profile_fail(problem, KK_ELIMIT, PROFILE_TOO_LONG,
		    problem->line, PROFILE_KEYS);
	p->others[p->other_count++] = (struct profile_other){ line, *problem };
	return KK_OK;
}

static enum kk_err known_take(struct reading *r, struct kk_view name,
    struct kk_view value, struct profile_problem *problem)
{
	enum profile_key key = PROFILE_KEYS;

	if (!profile_key_find(name, &key))
		return profile_fail(problem, KK_EFORMAT, PROFILE_UNKNOWN,
		    r->number, key);
	if (r->seen[key])
		return profile_fail(problem, KK_EFORMAT, PROFILE_TWICE,
		    r->number, key);
	r->seen[key] = true;
	return profile_value_put(r->p, key, value, r->number, problem);
}

static enum kk_err pair_take(struct reading *r, struct kk_view line,
    struct profile_problem *problem)
{
	const uint8_t *sign = memchr(line.data, '=', line.bytes);
	struct kk_view name = line, value = line;
	enum kk_err err;

	if (!sign)
		return profile_fail(problem, KK_EFORMAT, PROFILE_NO_PAIR,
		    r->number, PROFILE_KEYS);
	name.bytes = (size_t)(sign - line.data);
	name = profile_trim(name);
	value.data = sign + 1;
	value.bytes = (size_t)(line.data + line.bytes - value.data);
	err = known_take(r, name, value, problem);
	return err && is_key_text(name) ? other_keep(r, line, err, problem) :
					  err;
}

/* --- parts ---------------------------------------------------------------- */

/* Takes all up to the next line in [ ], or the end. */
static struct kk_view body_take(struct kk_view *text, size_t *lines)
{
	struct kk_view body = { text->data, 0 }, rest = *text, line;

	*lines = 0;
	while (profile_line_take(&rest, &line)) {
		if (line.bytes > 0 && line.data[0] == '[')
			break;
		*text = rest;
		++*lines;
	}
	body.bytes = (size_t)(text->data - body.data);
	return body;
}

static bool is_header_text(struct kk_view header)
{
	return header.bytes > 2 && header.data[header.bytes - 1] == ']' &&
	    is_key_text((struct kk_view){ header.data + 1, header.bytes - 2 });
}

static struct kk_view end_trim(struct kk_view v)
{
	while (v.bytes > 0 && v.data[v.bytes - 1] &&
	    strchr(" \t\r\n", v.data[v.bytes - 1]))
		v.bytes--;
	return v;
}

static enum kk_err part_take(struct reading *r, struct kk_view header,
    struct kk_view *text, struct profile_problem *problem)
{
	const size_t first = r->number;
	enum profile_part part;
	struct kk_view body, all;
	size_t lines;
	enum kk_err err;

	body = body_take(text, &lines);
	r->number += lines;
	if (!is_header_text(header))
		return profile_fail(problem, KK_EFORMAT, PROFILE_NO_PAIR, first,
		    PROFILE_KEYS);
	if (!profile_part_find(header, &part)) {
		all = header;
		all.bytes = (size_t)(body.data + body.bytes - header.data);
		err = profile_fail(problem, KK_EFORMAT, PROFILE_UNKNOWN, first,
		    PROFILE_KEYS);
		return other_keep(r, end_trim(all), err, problem);
	}
	if (r->p->parts[part].data)
		return profile_fail(problem, KK_EFORMAT, PROFILE_TWICE, first,
		    PROFILE_KEYS);
	r->p->parts[part] = body;
	return profile_part_check(part, body, first, problem);
}

static enum kk_err parse(struct profile *p, struct kk_view text, bool keeps,
    struct profile_problem *problem)
{
	struct reading r = { .p = p, .keeps = keeps };
	struct kk_view line;
	enum kk_err err = KK_OK;

	memset(p, 0, sizeof(*p));
	if (text.bytes > PROFILE_BYTES_MAX)
		return profile_fail(problem, KK_ELIMIT, PROFILE_TOO_LONG, 1,
		    PROFILE_KEYS);
	if (profile_has_secret(text))
		return profile_fail(problem, KK_EDENIED, PROFILE_SECRET, 1,
		    PROFILE_KEYS);
	while (!err && profile_line_take(&text, &line)) {
		r.number++;
		if (line.bytes == 0 || line.data[0] == '#')
			continue;
		err = line.data[0] == '[' ?
		    part_take(&r, line, &text, problem) :
		    pair_take(&r, line, problem);
	}
	return err;
}

enum kk_err profile_parse(struct profile *p, struct kk_view text,
    struct profile_problem *problem)
{
	return parse(p, text, false, problem);
}

enum kk_err profile_parse_stored(struct profile *p, struct kk_view text,
    struct profile_problem *problem)
{
	return parse(p, text, true, problem);
}
