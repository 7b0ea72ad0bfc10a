/* lines.c - telephone lines in words. */
#include "pipelines/graphs/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 3 /* in one sentence */ };

const char *lines_box(const struct view_person *person)
{
	static const char of[] = "Lines of ";
	const size_t bytes = sizeof(of) - 1;

	return person->is_verified && !strncmp(person->name, of, bytes) &&
		person->name[bytes] ?
	    person->name + bytes :
	    NULL;
}

size_t lines_count(const struct view *view, uint32_t leaf)
{
	size_t count = 0;

	for (size_t i = 0; i < view->line_count; i++)
		count += view->lines[i] == leaf;
	return count;
}

bool lines_person_is_shown(const struct view *view,
    const struct view_person *person)
{
	return !lines_box(person) || lines_count(view, person->leaf) > 0;
}

/* All that is said fits. */
static void add(char out[LINES_TEXT_BYTES], const char *format, ...)
{
	const size_t at = strlen(out);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(out + at, LINES_TEXT_BYTES - at, format, args);
	va_end(args);
}

/* Whom people know: the box for its lines, and who is a guest as one. */
static void owner_add(const struct view *view, uint32_t leaf,
    enum words_language language, char out[LINES_TEXT_BYTES])
{
	const struct view_person *p = NULL;

	for (size_t i = 0; i < view->people_count && !p; i++) {
		if (view->people[i].leaf == leaf)
			p = &view->people[i];
	}
	if (!p)
		add(out, "?");
	else if (lines_box(p))
		add(out, "%s", lines_box(p));
	else if (p->is_verified)
		add(out, "%s", p->name);
	else
		add(out, "%s (%s)", p->name, words_get(language, WORDS_GUEST));
}

/* The leaves behind which lines are, each once; lines come in their order. */
static size_t owners_find(const struct view *view, uint32_t *leaves)
{
	size_t count = 0;

	for (size_t i = 0; i < view->line_count; i++) {
		if (count == 0 || leaves[count - 1] != view->lines[i])
			leaves[count++] = view->lines[i];
	}
	return count;
}

static void owners_add(const struct view *view, enum words_language language,
    char out[LINES_TEXT_BYTES])
{
	uint32_t leaves[VIEW_LINES_MAX];
	const size_t count = owners_find(view, leaves);
	const size_t named = count > NAMES_MAX ? NAMES_MAX : count;
	const char *and = words_get(language, WORDS_AND);

	for (size_t i = 0; i < named; i++) {
		if (i > 0 && i + 1 == count)
			add(out, " %s ", and);
		else if (i > 0)
			add(out, ", ");
		owner_add(view, leaves[i], language, out);
	}
	if (count > named)
		add(out, " %s %zu %s", and, count - named,
		    words_get(language, WORDS_MORE));
}

void lines_sentence(const struct view *view, enum words_language language,
    char out[LINES_TEXT_BYTES])
{
	out[0] = '\0';
	if (view->line_count == 0)
		return;
	add(out, "%zu %s ", view->line_count,
	    words_get(language,
		view->line_count == 1 ? WORDS_LINE_BEYOND :
					WORDS_LINES_BEYOND));
	owners_add(view, language, out);
}

void lines_name(const struct view_person *person, enum words_language language,
    char out[LINES_TEXT_BYTES])
{
	const char *box = lines_box(person);

	out[0] = '\0';
	if (box)
		add(out, "%s %s", words_get(language, WORDS_LINES_OF), box);
	else
		add(out, "%s", person->name);
}
