/* parts.c - what stands in a profile behind lines in [ ]. */
#include <string.h>

#include "profile/profile_private.h"

enum {
	HA1_MD5 = 32, /* hexadecimal digits: RFC 7616, 3.4.2 */
	HA1_SHA256 = 64
};

/* Whole certificates, and nothing between them; what is in one is checked by
 * who uses it. */
static enum kk_err anchors_check(struct kk_view text, size_t number,
    struct profile_problem *problem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	size_t count = 0, first = number;
	struct kk_view line;
	bool is_inside = false;

	while (profile_line_take(&text, &line)) {
		const bool begins = kk_view_equal(line, kk_view_text(begin));
		const bool ends = kk_view_equal(line, kk_view_text(end));

		number++;
		if (line.bytes == 0 && !is_inside)
			continue;
		if (begins == is_inside || (ends && !is_inside) ||
		    count == PROFILE_ANCHORS_MAX)
			return profile_fail(problem, KK_EFORMAT, PROFILE_ANCHOR,
			    number, PROFILE_KEYS);
		count += ends;
		is_inside = !ends;
	}
	if (is_inside || count == 0)
		return profile_fail(problem, KK_EFORMAT, PROFILE_ANCHOR, first,
		    PROFILE_KEYS);
	return KK_OK;
}

/* --- telephones ----------------------------------------------------------- */

/* The part before the first blank; the rest is behind the blanks. */
static struct kk_view word_take(struct kk_view *line)
{
	struct kk_view word = { line->data, 0 };

	while (word.bytes < line->bytes && line->data[word.bytes] != ' ' &&
	    line->data[word.bytes] != '\t')
		word.bytes++;
	line->data += word.bytes;
	line->bytes -= word.bytes;
	*line = profile_trim(*line);
	return word;
}

static bool is_all(struct kk_view v, const char *letters)
{
	for (size_t i = 0; i < v.bytes; i++) {
		if (!v.data[i] || !strchr(letters, v.data[i]))
			return false;
	}
	return v.bytes > 0;
}

static bool is_ha1(struct kk_view v, size_t bytes)
{
	return v.bytes == bytes && is_all(v, "0123456789abcdefABCDEF");
}

bool profile_account_take(struct kk_view *text, struct profile_account *a)
{
	struct kk_view line;

	while (profile_line_take(text, &line)) {
		a->line++;
		if (line.bytes == 0 || line.data[0] == '#')
			continue;
		a->user = word_take(&line);
		a->ha1[0] = word_take(&line);
		a->ha1[1] = word_take(&line);
		a->rest = line;
		return true;
	}
	return false;
}

/* RFC 3261, 25.1: user, without what is escaped. */
bool profile_is_user(struct kk_view v)
{
	return v.bytes < PROFILE_USER_BYTES &&
	    is_all(v,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-_.!~*'()&=+$,;?/");
}

static bool is_account(const struct profile_account *a)
{
	const struct kk_view first = a->ha1[0], second = a->ha1[1];

	if (!profile_is_user(a->user) || a->rest.bytes > 0)
		return false;
	if (second.bytes == 0)
		return is_ha1(first, HA1_SHA256) || is_ha1(first, HA1_MD5);
	return (is_ha1(first, HA1_SHA256) && is_ha1(second, HA1_MD5)) ||
	    (is_ha1(first, HA1_MD5) && is_ha1(second, HA1_SHA256));
}

static enum kk_err accounts_check(struct kk_view text, size_t number,
    struct profile_problem *problem)
{
	struct kk_view users[PROFILE_TELEPHONES_MAX];
	struct profile_account a = { .line = number };
	size_t count = 0;
	bool is_right = true;

	while (is_right && profile_account_take(&text, &a)) {
		is_right = is_account(&a) && count < PROFILE_TELEPHONES_MAX;
		for (size_t i = 0; is_right && i < count; i++)
			is_right = !kk_view_equal(users[i], a.user);
		if (is_right)
			users[count++] = a.user;
	}
	if (is_right && count > 0)
		return KK_OK;
	return profile_fail(problem, KK_EFORMAT, PROFILE_ACCOUNT,
	    is_right ? number : a.line, PROFILE_KEYS);
}

/* --- the parts ------------------------------------------------------------ */

static const struct {
	const char *header;
	enum kk_err (*check)(struct kk_view text, size_t number,
	    struct profile_problem *problem);
} parts[PROFILE_PARTS] = {
	[PROFILE_ANCHORS] = { "[anchors]", anchors_check },
	[PROFILE_8021X_ANCHORS] = { "[8021x-anchors]", anchors_check },
	[PROFILE_ACCOUNTS] = { "[telephones]", accounts_check },
};

bool profile_part_find(struct kk_view header, enum profile_part *part)
{
	for (unsigned i = 0; i < PROFILE_PARTS; i++) {
		if (!kk_view_equal(header, kk_view_text(parts[i].header)))
			continue;
		*part = (enum profile_part)i;
		return true;
	}
	return false;
}

const char *profile_part_header(enum profile_part part)
{
	return parts[part].header;
}

enum kk_err profile_part_check(enum profile_part part, struct kk_view body,
    size_t number, struct profile_problem *problem)
{
	return parts[part].check(body, number, problem);
}
