/* plan.c - what a plan of roomd's says of a meeting. */
#include <string.h>

#include "driver.h"
#include "room/name.h"

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

static bool has_others(sd_json_variant *people)
{
	const size_t count = sd_json_variant_is_array(people) ?
	    sd_json_variant_elements(people) :
	    0;

	for (size_t i = 0; i < count; i++) {
		if (is_somebody(sd_json_variant_by_index(people, i)))
			return true;
	}
	return false;
}

static bool has_elements(sd_json_variant *list)
{
	return list && sd_json_variant_is_array(list) &&
	    sd_json_variant_elements(list) > 0;
}

/* A box is alone in its room until somebody comes, or calls.  While it seeks
 * its server again the others may still be there. */
enum meeting meeting_of_plan(sd_json_variant *plan)
{
	sd_json_variant *people, *lines;
	char phase[16];

	if (call_get_text(plan, "phase", phase, sizeof(phase)))
		return MEETING_AS_BEFORE;
	if (!strcmp(phase, "off") || !strcmp(phase, "refused"))
		return MEETING_NONE;
	if (strcmp(phase, "in") != 0)
		return MEETING_AS_BEFORE;
	people = sd_json_variant_by_key(plan, "people");
	lines = sd_json_variant_by_key(plan, "lines");
	return (people && has_others(people)) || has_elements(lines) ?
	    MEETING_ON :
	    MEETING_NONE;
}
