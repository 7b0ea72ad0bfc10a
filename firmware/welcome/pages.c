/* pages.c - from one page to the next, and what they say as a profile. */
#include <stdio.h>
#include <string.h>

#include "welcome/welcome_private.h"

bool welcome_is_german(const struct welcome *w)
{
	return !strcmp(w->said.values[PROFILE_LANGUAGE], "de");
}

bool welcome_is_shown(const struct welcome *w, const struct field *f)
{
	return !f->needed || !strcmp(w->said.values[f->needs], f->needed);
}

void page_go(struct welcome *w, enum welcome_page page)
{
	w->page = page;
	w->is_editing = false;
	view_make(w, WELCOME_BUTTON,
	    page == WELCOME_REVIEW    ? BUTTON_YES :
		page == WELCOME_ENROL ? BUTTON_WRITE :
					BUTTONS);
}

/* What is said, without what is not asked for. */
static struct profile said_get(const struct welcome *w)
{
	struct profile p = w->said;

	for (size_t i = 0; i < field_count; i++) {
		if (!welcome_is_shown(w, &fields[i]))
			p.values[fields[i].key][0] = '\0';
	}
	return p;
}

static void problem_say(struct welcome *w,
    const struct profile_problem *problem)
{
	const struct field *f = field_get(problem->key);
	const bool is_german = welcome_is_german(w);

	welcome_say(w, true, "%s: %s (%s)", f ? f->label[is_german] : "?",
	    profile_wrong_text(problem->what, is_german),
	    profile_key_text(problem->key, is_german));
}

/* Whether what is said up to a page is right; else says what is not, there. */
static bool is_right_until(struct welcome *w, enum welcome_page page)
{
	struct profile_problem problem = { .key = PROFILE_KEYS };
	struct profile p = said_get(w);
	const enum kk_err err = profile_check(&p, &problem);
	const struct field *f = field_get(problem.key);

	kk_wipe(&p, sizeof(p));
	if (!err || (f && f->page > page))
		return true;
	if (f)
		page_go(w, f->page);
	problem_say(w, &problem);
	if (f)
		view_make(w, WELCOME_FIELD, (int)f->key);
	return false;
}

void pages_tpm_check(struct welcome *w, const struct profile *p)
{
	if (w->lacks_tpm && !strcmp(p->values[PROFILE_KEYSTORE], "tpm"))
		welcome_say_word(w, true, WORD_NO_TPM);
}

void page_next(struct welcome *w)
{
	if (w->page >= WELCOME_REVIEW || !is_right_until(w, w->page))
		return;
	page_go(w, w->page + 1);
	if (w->page == WELCOME_REVIEW)
		pages_tpm_check(w, &w->said);
}

void page_back(struct welcome *w)
{
	if (w->page == WELCOME_STICK)
		page_go(w, w->before_stick);
	else if (w->page == WELCOME_ENROL)
		page_go(w, WELCOME_REVIEW);
	else if (w->page > WELCOME_LANGUAGE)
		page_go(w, w->page - 1);
}

bool pages_keep(struct welcome *w)
{
	struct profile p;
	enum kk_err err;

	if (!is_right_until(w, WELCOME_PAGES))
		return false;
	p = said_get(w);
	kk_bytes_clear(&w->kept);
	err = profile_write(&p, &w->kept);
	kk_wipe(&p, sizeof(p));
	if (err || w->kept.bytes > PROFILE_BYTES_MAX) {
		kk_bytes_clear(&w->kept);
		welcome_say_word(w, true, WORD_KEEP_FAILED);
		return false;
	}
	return true;
}
