/* name.c - what a member's name says of it. */
#include "room/name.h"

#include <string.h>

bool room_name_is_lines(const char *name)
{
	static const char of[] = "Lines of ";

	return strncmp(name, of, sizeof(of) - 1) == 0;
}
