/* use.c - whether somebody is in a box's meeting, by what roomd tells. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "room/use.h"

#include <string.h>

#include "room/name.h"

enum { PHASE_BYTES = 16 };

/* The box's own telephone lines are a member, too, and nobody. */
static bool is_somebody(sd_json_variant *person)
{
	const char *name = sd_json_variant_string(sd_json_variant_by_key(person,
	    "name"));
	bool is_self = false;

	if (call_get_bool(person, "isSelf", &is_self))
		return true;
	return !is_self && !(name && room_name_is_lines(name));
}

static size_t count_of(sd_json_variant *list)
{
	return list && sd_json_variant_is_array(list) ?
	    sd_json_variant_elements(list) :
	    0;
}

static bool has_others(sd_json_variant *people)
{
	for (size_t i = 0; i < count_of(people); i++) {
		if (is_somebody(sd_json_variant_by_index(people, i)))
			return true;
	}
	return false;
}

enum room_use room_use_of(sd_json_variant *told)
{
	char phase[PHASE_BYTES];

	if (call_get_text(told, "phase", phase, sizeof(phase)))
		return ROOM_IS_BETWEEN;
	if (!strcmp(phase, "off") || !strcmp(phase, "refused"))
		return ROOM_IS_FREE;
	if (strcmp(phase, "in") != 0)
		return ROOM_IS_BETWEEN;
	return has_others(sd_json_variant_by_key(told, "people")) ||
		count_of(sd_json_variant_by_key(told, "lines")) ?
	    ROOM_IS_TAKEN :
	    ROOM_IS_FREE;
}
