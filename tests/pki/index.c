/* index.c - a CA's acts as text: what is read is what was written. */
#include "tools/pki/index.h"

#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"

#define ONE "00112233445566778899aabbccddeeff"
#define TWO "ffeeddccbbaa99887766554433221100"
#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define AT "2026-11-22T15:20:13Z"
#define LATER "2027-11-22T15:20:13Z"
#define BEGUN                        \
	AT " begun 1 Site S\xc3\xbc" \
	   "d\n"
#define CRL1 AT " crl 1 " LATER "\n"
#define ISSUED1 AT " issued " ONE " box " LATER " " KEY " - Room 4\n"
#define ISSUED2 AT " issued " TWO " person " LATER " " KEY " " ONE " A. B.\n"
#define REVOKED1 AT " revoked " ONE " keyCompromise\n"

static enum kk_err parse(const char *text, size_t *line)
{
	struct pki_index index;
	enum kk_err err = pki_index_parse(&index, kk_view_text(text), line);

	pki_index_clear(&index);
	return err;
}

TEST(index_reads_what_it_writes)
{
	const char *text = BEGUN CRL1 ISSUED1 ISSUED2 REVOKED1;
	struct pki_index index;
	char again[4096] = "", line[PKI_LINE_BYTES];
	size_t at = 0, where;

	CHECK_OK(pki_index_parse(&index, kk_view_text(text), &where));
	CHECK_EQ(index.count, 5);
	for (size_t i = 0; i < index.count; i++) {
		pki_index_line(&index.events[i], line);
		at += (size_t)snprintf(again + at, sizeof(again) - at, "%s",
		    line);
	}
	CHECK_STR(again, text);
	CHECK(pki_index_revoked(&index, ONE) != NULL);
	CHECK(pki_index_revoked(&index, TWO) == NULL);
	CHECK_STR(pki_index_issued(&index, TWO)->renewed, ONE);
	CHECK_EQ(pki_index_crl(&index)->number, 1);
	pki_index_clear(&index);
}

TEST(index_refuses_lines_that_are_wrong_or_do_not_follow)
{
	static const struct {
		const char *text;
		size_t line;
		enum kk_err err;
	} cases[] = {
		{ "", 1, KK_ETRUNC },
		{ CRL1, 1, KK_EFORMAT },
		{ BEGUN BEGUN, 2, KK_EFORMAT },
		{ AT " begun 2 Site\n", 1, KK_EUNSUP },
		{ BEGUN ISSUED1 ISSUED1, 3, KK_EFORMAT },
		{ BEGUN REVOKED1, 2, KK_EFORMAT },
		{ BEGUN ISSUED1 REVOKED1 REVOKED1, 4, KK_EFORMAT },
		{ BEGUN ISSUED2, 2, KK_EFORMAT },
		{ BEGUN CRL1 CRL1, 3, KK_EFORMAT },
		{ BEGUN AT " crl 01 " LATER "\n", 2, KK_EFORMAT },
		{ BEGUN AT " crl 1 2027-02-30T00:00:00Z\n", 2, KK_EFORMAT },
		{ BEGUN AT " issued " ONE " router " LATER " " KEY " - a\n", 2,
		    KK_EFORMAT },
		{ BEGUN AT " issued " ONE " box " LATER " " KEY " -\n", 2,
		    KK_EFORMAT },
		{ BEGUN AT " issued 0011 box " LATER " " KEY " - a\n", 2,
		    KK_EFORMAT },
		{ BEGUN AT " issued " ONE " box " LATER " " KEY " - a\033[2J\n",
		    2, KK_EFORMAT },
		{ BEGUN "\n", 2, KK_EFORMAT },
		{ BEGUN AT " crl 1 " LATER, 2, KK_ETRUNC },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++) {
		size_t line = 99;
		enum kk_err err = parse(cases[i].text, &line);

		if (err != cases[i].err || line != cases[i].line)
			tap_diag("case %zu: line %zu", i, line);
		CHECK_ERR(err, cases[i].err);
		CHECK_EQ(line, cases[i].line);
	}
}

TEST(index_needs_memory_and_says_so)
{
	size_t line;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, parse(BEGUN CRL1 ISSUED1, &line));
	CHECK_OK(err);
}

TEST(times_are_of_one_form)
{
	static const char *const wrong[] = { "2026-11-22 15:20:13Z",
		"2026-11-22T15:20:13", "2026-11-22T15:20:60Z",
		"2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z",
		"1969-12-31T23:59:59Z", "2026-11-22T24:00:00Z", "" };
	char text[PKI_TIME_TEXT];
	int64_t at = 0;

	CHECK(pki_time_of(kk_view_text(AT), &at));
	CHECK_EQ(at, 1795360813);
	pki_time_text(at, text);
	CHECK_STR(text, AT);
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK(!pki_time_of(kk_view_text(wrong[i]), &at));
}
