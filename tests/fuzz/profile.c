/* profile.c - fuzzes what makes a box a site's: texts, and tables in CSV. */
#include <stdlib.h>
#include <string.h>

#include "profile/files.h"
#include "profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

/* A part's last line has an end once it was written. */
static void parts(const struct profile *p, const struct profile *back)
{
	for (unsigned i = 0; i < PROFILE_PARTS; i++) {
		struct kk_view a = p->parts[i], b = back->parts[i];

		if (a.bytes > 0 && a.data[a.bytes - 1] != '\n') {
			must(b.bytes == a.bytes + 1);
			b.bytes--;
		}
		must(kk_view_equal(a, b));
	}
}

/* No secret is shown. */
static void shown(const struct profile *p)
{
	static const enum profile_key secrets[] = { PROFILE_TOKEN,
		PROFILE_DIAL_PIN, PROFILE_EXCHANGE_PASSWORD,
		PROFILE_KEYSTORE_PIN };
	char text[PROFILE_SHOWN_BYTES];

	for (unsigned i = 0; i < PROFILE_KEYS; i++)
		profile_value_show(p, (enum profile_key)i, text);
	for (size_t i = 0; i < KK_ARRAY_LEN(secrets); i++) {
		profile_value_show(p, secrets[i], text);
		must(!strcmp(text, p->values[secrets[i]][0] ? "***" : ""));
	}
}

/* What was taken is written, and taken again as it was. */
static void again(const struct profile *p)
{
	struct profile_problem problem;
	struct profile back;
	struct kk_bytes text;

	must(!profile_write(p, &text));
	if (text.bytes <= PROFILE_BYTES_MAX) {
		must(!profile_parse(&back, kk_bytes_view(&text), &problem));
		must(!memcmp(p->values, back.values, sizeof(p->values)));
		parts(p, &back);
	}
	kk_bytes_clear(&text);
}

/* What another version has stored: nothing of it is lost. */
static void stored(struct kk_view from)
{
	struct profile_problem problem;
	struct profile p, back;
	struct kk_bytes text;

	if (profile_parse_stored(&p, from, &problem))
		return;
	must(!profile_write(&p, &text));
	if (text.bytes <= PROFILE_BYTES_MAX) {
		must(!profile_parse_stored(&back, kk_bytes_view(&text),
		    &problem));
		must(!memcmp(p.values, back.values, sizeof(p.values)));
		must(p.other_count == back.other_count);
		for (size_t i = 0; i < p.other_count; i++)
			must(kk_view_equal(p.others[i].line,
			    back.others[i].line));
		parts(&p, &back);
	}
	kk_bytes_clear(&text);
}

/* What is taken can be worked by. */
static void files(const struct profile *p)
{
	struct profile_problem problem;
	struct profile_files made;

	if (profile_check(p, &problem))
		return;
	must(!profile_files_make(p, &made));
	must(made.file[PROFILE_FILE_NETWORK].bytes > 0);
	must(made.file[PROFILE_FILE_KEYD].bytes > 0);
	profile_files_clear(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct profile_problem problem = { PROFILE_RIGHT, 0, PROFILE_KEYS };
	struct profile p, table = { 0 };

	stored(kk_view_of(data, bytes));
	if (!profile_parse(&p, kk_view_of(data, bytes), &problem)) {
		again(&p);
		shown(&p);
		files(&p);
	} else
		must(problem.what > PROFILE_RIGHT &&
		    problem.what < PROFILE_WRONG_COUNT);
	for (size_t row = 1; row < 4; row++) {
		if (!profile_csv_take(&table, kk_view_of(data, bytes), row,
			&problem))
			again(&table);
	}
	return 0;
}
