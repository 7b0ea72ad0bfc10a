/* accept.c - headers of weighted choices: "de-DE, en;q=0.5". */
#include <string.h>
#include <strings.h>

#include "http/http.h"

enum { WEIGHT_MAX = 1000 };

static const char *blanks_skip(const char *s)
{
	return s + strspn(s, " \t");
}

/* "0.25" is 250; what is no weight is 0 (RFC 9110, 12.4.2). */
static int weight_read(const char *s)
{
	int weight, scale = WEIGHT_MAX / 10;

	if (*s != '0' && *s != '1')
		return 0;
	weight = (*s - '0') * WEIGHT_MAX;
	if (s[1] == '.') {
		for (s += 2; *s >= '0' && *s <= '9' && scale; s++) {
			weight += (*s - '0') * scale;
			scale /= 10;
		}
	}
	return weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
}

/* The weight of one element, which ends at a comma or the end. */
static int element_weight(const char *s)
{
	size_t length = strcspn(s, ",");

	for (size_t i = 0; i < length; i++) {
		if (s[i] != ';')
			continue;
		s = blanks_skip(s + i + 1);
		if (*s != 'q' && *s != 'Q')
			return WEIGHT_MAX;
		s = blanks_skip(s + 1);
		return *s == '=' ? weight_read(blanks_skip(s + 1)) : 0;
	}
	return WEIGHT_MAX;
}

/* The best weight of a choice; also of its kinds ("de-AT") where asked. */
static int weight_of(const char *header, const char *choice, bool with_kinds)
{
	size_t length = strlen(choice);
	int best = 0;

	while (header && *header) {
		size_t word;

		header = blanks_skip(header);
		word = strcspn(header, ",; \t");
		if (word >= length && !strncasecmp(header, choice, length) &&
		    (word == length || (with_kinds && header[length] == '-'))) {
			int weight = element_weight(header);

			if (weight > best)
				best = weight;
		}
		header += strcspn(header, ",");
		header += *header == ',';
	}
	return best;
}

bool http_accept_has(const char *header, const char *choice)
{
	return weight_of(header, choice, false) > 0;
}

bool http_accept_is_german(const char *header)
{
	return weight_of(header, "de", true) > weight_of(header, "en", true);
}
