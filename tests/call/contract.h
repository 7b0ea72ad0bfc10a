/* contract.h - an interface as announced, against its .varlink file. */
#pragma once
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-varlink.h>
#include <unistd.h>

#include "harness/tap.h"

enum { CONTRACT_MAX_BYTES = 65536 };

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
	char *text = calloc(1, CONTRACT_MAX_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(text != NULL);
	CHECK(fd >= 0);
	CHECK(read(fd, text, CONTRACT_MAX_BYTES - 1) > 0);
	CHECK_EQ(close(fd), 0);
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
