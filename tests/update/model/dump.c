/*
 * dump.c - the table of firmware/update as Promela, for model.pml: the names of
 * states, events and actions, and what each cell does.
 */
#include <ctype.h>
#include <stdio.h>

#include "update/update.h"

static void name_print(const char *prefix, const char *name, unsigned value)
{
	(void)printf("#define %s_", prefix);
	for (; *name; name++)
		(void)putchar(toupper((unsigned char)*name));
	(void)printf(" %u\n", value);
}

static void actions_print(void)
{
	static const char *const names[] = { "health", "confirm", "check",
		"write", "commit", "restart", "hold", "take_back", "drop" };

	for (unsigned i = 0; i < KK_ARRAY_LEN(names); i++)
		name_print("DO", names[i], 1U << i);
}

int main(void)
{
	for (unsigned s = 0; s < UPDATE_STATES; s++)
		name_print("S", update_state_name((enum update_state)s), s);
	for (unsigned e = 0; e < UPDATE_EVENTS; e++)
		name_print("E", update_event_name((enum update_event)e), e);
	actions_print();
	(void)puts("inline table()\n{\n\tif");
	for (unsigned s = 0; s < UPDATE_STATES; s++) {
		for (unsigned e = 0; e < UPDATE_EVENTS; e++) {
			const struct update_cell c = update_table(
			    (enum update_state)s, (enum update_event)e);

			if (c.is_listed)
				(void)printf("\t:: state == %u && event == %u "
					     "-> state = %u; actions = %u\n",
				    s, e, (unsigned)c.next, c.actions);
		}
	}
	(void)puts("\t:: else -> actions = 0; is_dropped = true\n\tfi\n}");
	return 0;
}
