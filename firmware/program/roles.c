/* roles.c - sockets for siblings, as command lines name them. */
#include <string.h>
#include <unistd.h>

#include "options.h"

/* Splits ROLE:REST; NULL where there is no such role. */
static struct program_role *role_take(struct program_role *roles, size_t count,
    const char *value, const char **rest)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(roles[i].name);

		if (!strncmp(roles[i].name, value, n) && value[n] == ':') {
			*rest = value + n + 1;
			return &roles[i];
		}
	}
	return NULL;
}

const char *program_role_socket(struct program_role *roles, size_t count,
    const char *value)
{
	const char *path = "";
	struct program_role *role = role_take(roles, count, value, &path);

	if (!role)
		return "no such role; see --help";
	if (*path != '/')
		return "not an absolute path";
	role->path = path;
	return NULL;
}

const char *program_role_allow(struct program_role *roles, size_t count,
    const char *value)
{
	const char *text = "";
	struct program_role *role = role_take(roles, count, value, &text);
	uint64_t uid = 0;

	if (!role)
		return "no such role; see --help";
	/* The last one means none. */
	if (!program_number_take(&text, 0, UINT32_MAX - 1, &uid) || *text)
		return "not a number of a user";
	if (role->uid_count == PROGRAM_UIDS_MAX)
		return "too many users";
	role->uids[role->uid_count++] = (uid_t)uid;
	return NULL;
}

void program_roles_finish(struct program_role *roles, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (roles[i].uid_count == 0)
			roles[i].uids[roles[i].uid_count++] = geteuid();
	}
}
