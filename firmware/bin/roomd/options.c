/* options.c - the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roomd.h"

static const char help[] =
    "usage: roomd [OPTION...]\n"
    "\n"
    "Takes part in a meeting for the box.  See roomd(8).\n"
    "\n"
    "  --state=FOLDER      where the meeting is kept ($STATE_DIRECTORY)\n"
    "  --keyd=SOCKET       keyd's socket of role policy\n"
    "  --server=HOST:PORT  the forwarder's signalling\n"
    "  --trust=FILE        PEM certificates of the server's CA\n"
    "  --proxy=FILE        http://[USER:PASSWORD@]HOST[:PORT] to go by\n"
    "  --site-token=FILE   32 bytes that allow to make meetings\n"
    "  --page=URL          https://HOST[:PORT] of the page that links lead to\n"
    "  --link=LINK         the meeting to take part in\n"
    "  --ice-server=URI    stun:HOST[:PORT], or turn:HOST[:PORT] with\n"
    "                      [?transport=tcp], for the media; up to 8\n"
    "  --turn-login=FILE   USER:PASSWORD of TURN servers\n"
    "  --turn-secret=FILE  or the secret that passwords are made from\n"
    "  --relay-only        send media by TURN servers alone\n"
    "  --follow=SOCKET     be in the meeting of this roomd: its face socket\n"
    "  --dial-in=FILE      NUMBER PIN that callers enter\n"
    "  --lines=N           telephone lines, at most (8)\n"
    "  --talk-minutes=N    a line ends after so many (240); 0: never\n"
    "  --dial-prefix=TEXT  how numbers begin that may be called; up to 16\n"
    "  --no-lines          no line comes in, no call goes out\n"
    "  --label=TEXT        a classification that hosts may choose; up to 16\n"
    "  --label-no-lines=TEXT  one under which telephones are not allowed\n"
    "  --socket=ROLE:PATH  listen for media, face, health, panel or\n"
    "                      lines\n"
    "  --allow=ROLE:UID    who may connect there (default: our own user)\n"
    "  --help\n";

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("roomd", of, what);
}

static const char *socket_take(void *arg, const char *value)
{
	struct roomd_options *o = arg;

	return program_role_socket(o->roles, ROOMD_ROLES, value);
}

static const char *allow_take(void *arg, const char *value)
{
	struct roomd_options *o = arg;

	return program_role_allow(o->roles, ROOMD_ROLES, value);
}

static const char *page_take(void *arg, const char *value)
{
	struct roomd_options *o = arg;

	return room_link_parse_page(&o->page, value) ?
	    "not https://HOST[:PORT]" :
	    NULL;
}

/* HOST:PORT is a page's address without its beginning. */
static const char *server_take(void *arg, const char *value)
{
	char url[sizeof("https://") + ROOM_HOST_BYTES + 16];
	struct roomd_options *o = arg;
	struct room_link at;
	int n = snprintf(url, sizeof(url), "https://%s", value);

	if (n < 0 || (size_t)n >= sizeof(url) || !strrchr(value, ':') ||
	    room_link_parse_page(&at, url))
		return "not HOST:PORT";
	memcpy(o->server, at.host, sizeof(o->server));
	o->server_port = at.port;
	return NULL;
}

static const char *ice_server_take(void *arg, const char *value)
{
	struct roomd_options *o = arg;

	switch (ice_config_server_add(&o->ice, value)) {
	case KK_OK:
		return o->ice.servers[o->ice.server_count - 1].kind ==
			ICE_TURN_TLS ?
		    "boxes speak TURN without TLS; give turn:" :
		    NULL;
	case KK_EUNSUP:
		return "nothing here speaks this";
	case KK_EEXIST:
		return "given twice";
	case KK_ELIMIT:
		return "too long, or too many";
	default:
		return "not stun:HOST[:PORT] or "
		       "turn:HOST[:PORT][?transport=udp|tcp]";
	}
}

static const char *prefix_take(void *arg, const char *value)
{
	struct roomd_options *o = arg;

	if (!room_dial_is_number(value))
		return "not digits, with or without a + in front";
	if (o->prefix_count == ROOMD_PREFIXES_MAX)
		return "too many";
	o->prefixes[o->prefix_count++] = value;
	return NULL;
}

static const char *label_take(void *arg, const char *value)
{
	return roomd_label_add(arg, value, true);
}

static const char *label_no_lines_take(void *arg, const char *value)
{
	return roomd_label_add(arg, value, false);
}

static enum kk_err options_check(const struct roomd_options *o)
{
	struct room_link link;
	enum kk_err err = KK_OK;

	if (!o->state)
		return complain("--state", "needed");
	if (!o->keyd)
		return complain("--keyd", "needed");
	if (!o->server[0])
		return complain("--server", "needed");
	if (o->site_token && !o->page.host[0])
		return complain("--page", "needed with --site-token");
	if ((o->follow || o->dial_in) && !o->roles[ROOMD_LINES].path)
		return complain("--socket=lines:PATH",
		    "needed with --follow and --dial-in");
	if (o->follow && o->link)
		return complain("--link", "not with --follow");
	/* It is a secret: what is wrong with it is not repeated. */
	if (o->link && room_link_parse(&link, o->link))
		err = complain("--link",
		    "not https://HOST[:PORT]/#1.ID.SECRET");
	kk_wipe(&link, sizeof(link));
	return err;
}

enum kk_err roomd_options_parse(struct roomd_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "state", .text = &o->state },
		{ "keyd", .text = &o->keyd },
		{ "server", .take = server_take },
		{ "trust", .text = &o->trust },
		{ "proxy", .text = &o->proxy },
		{ "site-token", .text = &o->site_token },
		{ "page", .take = page_take },
		{ "link", .text = &o->link },
		{ "ice-server", .take = ice_server_take },
		{ "turn-login", .text = &o->turn_login },
		{ "turn-secret", .text = &o->turn_secret },
		{ "relay-only", .flag = &o->ice.is_relay_only },
		{ "follow", .text = &o->follow },
		{ "dial-in", .text = &o->dial_in },
		{ "lines", .number = &o->lines, 1, CONFERENCE_LINES_MAX },
		{ "talk-minutes", .number = &o->talk_minutes, 0,
		    ROOMD_TALK_MINUTES_MAX },
		{ "dial-prefix", .take = prefix_take },
		{ "no-lines", .flag = &o->no_lines },
		{ "label", .take = label_take },
		{ "label-no-lines", .take = label_no_lines_take },
		{ "socket", .take = socket_take },
		{ "allow", .take = allow_take },
	};
	const struct program_options options = { .program = "roomd",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct roomd_options){ .state = getenv("STATE_DIRECTORY"),
		.lines = ROOMD_LINES_DEFAULT,
		.talk_minutes = ROOMD_TALK_MINUTES,
		.roles = { { .name = "media", .fd = -1 },
		    { .name = "face", .fd = -1 },
		    { .name = "health", .fd = -1 },
		    { .name = "panel", .fd = -1 },
		    { .name = "lines", .fd = -1 } } };
	err = program_options_parse(&options, argc, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	program_roles_finish(o->roles, ROOMD_ROLES);
	return options_check(o);
}
