/* plan.c - what a plan of roomd's says of a meeting. */
#include <string.h>

#include "driver.h"

static bool has_others(sd_json_variant *people)
{
	const size_t count = sd_json_variant_is_array(people) ?
	    sd_json_variant_elements(people) :
	    0;

	for (size_t i = 0; i < count; i++) {
		bool is_self = false;

		if (call_get_bool(sd_json_variant_by_index(people, i), "isSelf",
			&is_self) ||
		    !is_self)
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
