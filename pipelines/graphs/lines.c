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
__attribute__((format(printf, 2, 3))) static void add(
    char out[LINES_TEXT_BYTES], const char *format, ...)
{
	const size_t at = strlen(out);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(out + at, LINES_TEXT_BYTES - at, format, args);
	va_end(args);
}

/* Whom people know: the box for its lines. */
struct owner {
	const char *name;
	bool is_guest;
};

static struct owner owner_of(const struct view *view, uint32_t leaf)
{
	const char *box;

	for (size_t i = 0; i < view->people_count; i++) {
		const struct view_person *p = &view->people[i];

		if (p->leaf != leaf)
			continue;
		box = lines_box(p);
		return (struct owner){ box ? box : p->name, !p->is_verified };
	}
	return (struct owner){ "?", false };
}

/* Those behind whom lines are, each once: a box and its lines are one. */
static size_t owners_find(const struct view *view, struct owner *owners)
{
	size_t count = 0;

	for (size_t i = 0; i < view->line_count; i++) {
		const struct owner o = owner_of(view, view->lines[i]);
		size_t at = 0;

		while (at < count &&
		    (owners[at].is_guest != o.is_guest ||
			strcmp(owners[at].name, o.name) != 0))
			at++;
		owners[at] = o;
		count += at == count;
	}
	return count;
}

static void owner_add(const struct owner *owner, enum words_language language,
    char out[LINES_TEXT_BYTES])
{
	add(out, "%s", owner->name);
	if (owner->is_guest)
		add(out, " (%s)", words_get(language, WORDS_GUEST));
}

static void owners_add(const struct view *view, enum words_language language,
    char out[LINES_TEXT_BYTES])
{
	struct owner owners[VIEW_LINES_MAX];
	const size_t count = owners_find(view, owners);
	const size_t named = count > NAMES_MAX ? NAMES_MAX : count;
	const char *and = words_get(language, WORDS_AND);

	for (size_t i = 0; i < named; i++) {
		if (i > 0 && i + 1 == count)
			add(out, " %s ", and);
		else if (i > 0)
			add(out, ", ");
		owner_add(&owners[i], language, out);
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

/* Its writing does not turn ours (Unicode, UAX 9: isolates). */
static void waiting_add(const struct view_waiting *w,
    enum words_language language, char out[LINES_TEXT_BYTES])
{
	if (!w->label[0])
		add(out, "%s", words_get(language, WORDS_LINE_UNKNOWN));
	else if (w->is_claimed)
		add(out, "%s\u2068%s\u2069%s",
		    words_get(language, WORDS_CLAIM_OPENS), w->label,
		    words_get(language, WORDS_CLAIM_ENDS));
	else
		add(out, "%s", w->label);
}

void lines_waiting(const struct view *view, enum words_language language,
    char out[LINES_TEXT_BYTES])
{
	const size_t count = view->waiting_count;
	const size_t named = count > VIEW_WAITING_MAX ? VIEW_WAITING_MAX :
							count;
	const char *and = words_get(language, WORDS_AND);

	out[0] = '\0';
	if (count == 0)
		return;
	add(out, "%zu %s ", count,
	    words_get(language,
		count == 1 ? WORDS_LINE_WAITS : WORDS_LINES_WAIT));
	for (size_t i = 0; i < named; i++) {
		if (i > 0 && i + 1 == count)
			add(out, " %s ", and);
		else if (i > 0)
			add(out, ", ");
		waiting_add(&view->waiting[i], language, out);
	}
	if (count > named)
		add(out, " %s %zu %s", and, count - named,
		    words_get(language, WORDS_WAIT_MORE));
}

_Static_assert(WORDS_CALL_ENDED - WORDS_CALL == VIEW_CALL_ENDED,
    "each state has its words");

void lines_call(const struct view *view, enum words_language language,
    char out[LINES_TEXT_BYTES])
{
	out[0] = '\0';
	if (view->call != VIEW_CALL_NONE && !view->call_is_long)
		add(out, "%s %s", words_get(language, WORDS_CALL),
		    words_get(language,
			(enum words)(WORDS_CALL + (int)view->call)));
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
