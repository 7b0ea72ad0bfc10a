/* listen.c - sockets for siblings are opened as the command line says. */
#include "call/call.h"
#include "options.h"

_Static_assert((int)PROGRAM_UIDS_MAX <= (int)CALL_LISTEN_UIDS_MAX,
    "whoever is named may be let in");

enum kk_err program_role_listen(const struct program_role *roles, unsigned role,
    struct call_server *server)
{
	const struct program_role *r = &roles[role];
	const struct call_listen listen = { .role = role,
		.path = r->path,
		.fd = r->fd,
		.uids = r->uids,
		.uid_count = r->uid_count };

	return r->path || r->fd >= 0 ? call_server_listen(server, &listen) :
				       KK_OK;
}
