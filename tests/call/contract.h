/* contract.h - an interface as announced, against its .varlink file. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-varlink.h>

#include "harness/tap.h"

/* Takes comments and blanks out of an interface's text: what is left is the
 * same for the same contract.  text is changed in place. */
static inline void contract_squeeze(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from) {
		if (*from == '#')
			from += strcspn(from, "\n");
		else if (strchr(" \t\n", *from))
			from++;
		else
			*to++ = *from++;
	}
	*to = '\0';
}

/* The file's text, to be freed.  Tests run at the top of the tree. */
static inline char *contract_read(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "re");

	CHECK(text != NULL && f != NULL);
	CHECK(fread(text, 1, 65535, f) > 0);
	(void)fclose(f);
	return text;
}

static inline void contract_check(sd_varlink *link, const char *interface,
    const char *path)
{
	sd_json_variant *in = NULL, *out = NULL;
	const char *error = NULL, *description;
	char *want = contract_read(path), *got;

	CHECK(sd_json_variant_set_field_string(&in, "interface", interface) >=
	    0);
	CHECK(sd_varlink_call(link,
		  "org.varlink.service.GetInterfaceDescription", in, &out,
		  &error) >= 0);
	CHECK(error == NULL);
	description = sd_json_variant_string(sd_json_variant_by_key(out,
	    "description"));
	got = calloc(1, strlen(description) + 1);
	CHECK(got != NULL);
	memcpy(got, description, strlen(description));
	contract_squeeze(want);
	contract_squeeze(got);
	CHECK_STR(got, want);
	free(want);
	free(got);
	sd_json_variant_unref(in);
}
