/* main.c - runs the official SFrame vectors. */
#include <stdio.h>
#include <string.h>

#include "sections.h"

static const char help[] =
    "usage: sframe-vectors FILE\n"
    "\n"
    "NAME\n"
    "    sframe-vectors - run the SFrame working group's test vectors\n"
    "\n"
    "DESCRIPTION\n"
    "    Reads FILE, a test-vectors.json as of RFC 9605, Appendix C, and runs\n"
    "    every case of every section in it:\n"
    "\n"
    "    header            a header is written, and read back\n"
    "    aes_ctr_hmac      sealing and opening by the compound AEAD of the\n"
    "    aes_256_ctr_hmac  CTR suites (1-3, and 6-8 of IANA's registry)\n"
    "    sframe            labels, key schedule, nonce, AAD, and a frame\n"
    "                      sealed and opened\n"
    "\n"
    "    A case with an unknown suite or a missing field fails, and so does,\n"
    "    as one case, a section that is unknown: none is skipped.\n"
    "\n"
    "OUTPUT\n"
    "    One line a case that fails, \"FAIL case N: SECTION: why\", N counted\n"
    "    from 0 within its section; a last line \"N passed, N failed\".\n"
    "\n"
    "EXIT STATUS\n"
    "    0  every case passed\n"
    "    1  a case failed, or there was none\n"
    "    2  called wrongly, or FILE cannot be read\n"
    "\n"
    "SEE ALSO\n"
    "    RFC 9605; ../shared/vectors/sframe\n";

struct section {
	const char *name;
	void (*run)(struct report *r, const struct json *v);
};

static const struct section sections[] = {
	{ "header", header_case_run },
	{ "aes_ctr_hmac", aead_case_run },
	{ "aes_256_ctr_hmac", aead_case_run },
	{ "sframe", frame_case_run },
};

static const struct section *section_find(const char *name)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(sections); i++) {
		if (!strcmp(sections[i].name, name))
			return &sections[i];
	}
	return NULL;
}

static void section_run(struct report *r, const char *name,
    const struct json *cases)
{
	const struct section *section = section_find(name);

	r->section = name;
	if (!section || !json_is_array(cases)) {
		report_case_begin(r, 0);
		report_fail(r, "no section that this program knows");
		report_case_end(r);
		return;
	}
	for (size_t i = 0; i < json_len(cases); i++) {
		report_case_begin(r, i);
		section->run(r, json_at(cases, i));
		report_case_end(r);
	}
}

int main(int argc, char **argv)
{
	struct report r = { 0 };
	const struct json *root;
	const char *name;
	enum kk_err err;
	int status = report_args(argc, argv, 1, help);

	if (status != REPORT_RUN)
		return status;
	err = crypto_init();
	if (err) {
		(void)fprintf(stderr, "sframe-vectors: %s\n", kk_err_text(err));
		return REPORT_EXIT_FAILED;
	}
	status = report_load(&root, "sframe-vectors", argv[1]);
	if (status != REPORT_RUN)
		return status;
	for (size_t i = 0; (name = json_key_at(root, i)); i++)
		section_run(&r, name, json_get(root, name));
	json_free(root);
	return report_finish(&r);
}
