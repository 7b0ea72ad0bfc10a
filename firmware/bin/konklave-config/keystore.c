/* keystore.c - whether this box has what the profile wants its key in. */
#define _GNU_SOURCE /* PATH_MAX */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

static bool is_there(const char *root, const char *file)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s%s", root, file) <
	    (int)sizeof(path) &&
	    access(path, F_OK) == 0;
}

/* A TPM that the firmware tells of was waited for before the data were opened.
 */
enum config_word config_lacks(const char *root, const struct profile *p)
{
	const char *where = p->values[PROFILE_KEYSTORE];
	const char *module = strstr(where, "?module-path=");

	if (!strcmp(where, "tpm") && !is_there(root, "/dev/tpmrm0"))
		return CONFIG_NO_TPM;
	if (module && !is_there(root, strchr(module, '=') + 1))
		return CONFIG_NO_MODULE;
	return CONFIG_WORDS;
}
