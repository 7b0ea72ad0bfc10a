/* meeting.c - whether others are in the box's meeting, as roomd says. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <systemd/sd-varlink.h>
#include <unistd.h>

#include "konklave_welcome.h"

enum { ANSWER_S = 20, USEC = 1000000 };

enum room_use meeting_ask(const char *socket)
{
	sd_json_variant *status = NULL; /* the link's */
	sd_varlink *link = NULL;
	const char *error = NULL;
	enum room_use use = ROOM_IS_BETWEEN;

	if (access(socket, F_OK))
		return ROOM_IS_FREE; /* no roomd: no server is configured */
	if (sd_varlink_connect_address(&link, socket) >= 0 &&
	    sd_varlink_set_input_sensitive(link) >= 0 && /* the link's secret */
	    sd_varlink_set_relative_timeout(link, (uint64_t)ANSWER_S * USEC) >=
		0 &&
	    sd_varlink_call(link, "io.konklave.Room.Status", NULL, &status,
		&error) >= 0 &&
	    !error)
		use = room_use_of(status);
	(void)sd_varlink_close_unref(link);
	return use;
}
