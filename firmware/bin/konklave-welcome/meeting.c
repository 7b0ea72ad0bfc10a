/* meeting.c - whether others are in the box's meeting, as roomd says. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>
#include <systemd/sd-varlink.h>
#include <unistd.h>

#include "call/call.h"
#include "konklave_welcome.h"
#include "room/name.h"

enum { ANSWER_S = 20, USEC = 1000000, PHASE_BYTES = 16 };

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
	const size_t count = people && sd_json_variant_is_array(people) ?
	    sd_json_variant_elements(people) :
	    0;

	for (size_t i = 0; i < count; i++) {
		if (is_somebody(sd_json_variant_by_index(people, i)))
			return true;
	}
	return false;
}

/* A box is alone in its room until somebody comes, or calls. */
static enum meeting_use use_of(sd_json_variant *status)
{
	sd_json_variant *lines = sd_json_variant_by_key(status, "lines");
	char phase[PHASE_BYTES];

	if (call_get_text(status, "phase", phase, sizeof(phase)))
		return MEETING_UNKNOWN;
	if (!strcmp(phase, "off") || !strcmp(phase, "refused"))
		return MEETING_EMPTY;
	if (strcmp(phase, "in") != 0)
		return MEETING_UNKNOWN;
	return has_others(sd_json_variant_by_key(status, "people")) ||
		(lines && sd_json_variant_is_array(lines) &&
		    sd_json_variant_elements(lines) > 0) ?
	    MEETING_TAKEN :
	    MEETING_EMPTY;
}

enum meeting_use meeting_ask(const char *socket)
{
	sd_json_variant *status = NULL; /* the link's */
	sd_varlink *link = NULL;
	const char *error = NULL;
	enum meeting_use use = MEETING_UNKNOWN;

	if (access(socket, F_OK))
		return MEETING_EMPTY; /* no roomd: no server is configured */
	if (sd_varlink_connect_address(&link, socket) >= 0 &&
	    sd_varlink_set_input_sensitive(link) >= 0 && /* the link's secret */
	    sd_varlink_set_relative_timeout(link, (uint64_t)ANSWER_S * USEC) >=
		0 &&
	    sd_varlink_call(link, "io.konklave.Room.Status", NULL, &status,
		&error) >= 0 &&
	    !error)
		use = use_of(status);
	(void)sd_varlink_close_unref(link);
	return use;
}
