/* server_socket.c - sockets, and who may connect to them. */
#include <unistd.h>

#include "call/server_internal.h"

enum kk_err call_server_new(struct call_server **serverp, sd_event *event,
    const struct call_service *service)
{
	struct call_server *server = kk_calloc(1, sizeof(*server));
	enum kk_err err;

	if (!server)
		return KK_ENOMEM;
	err = call_table_new(&server->table, service->rules,
	    service->rule_count);
	if (err) {
		kk_free(server);
		return err;
	}
	server->service = *service;
	server->event = sd_event_ref(event);
	*serverp = server;
	return KK_OK;
}

static void socket_free(struct call_socket *s)
{
	sd_varlink_server_unref(s->varlink);
	kk_free(s);
}

void call_server_free(struct call_server *server)
{
	if (!server)
		return;
	while (server->sockets) {
		struct call_socket *s = server->sockets;

		server->sockets = s->next;
		sd_varlink_server_shutdown(s->varlink);
		socket_free(s);
	}
	sd_event_unref(server->event);
	call_table_free(server->table);
	kk_free(server);
}

static bool is_listed(const struct call_socket *s, uid_t uid)
{
	for (size_t i = 0; i < s->uid_count; i++) {
		if (s->uids[i] == uid)
			return true;
	}
	return false;
}

/* A peer whose uid or pid the kernel cannot tell (of another namespace, gone
 * already) is a stranger too.  An error closes the connection. */
static int peer_check(sd_varlink_server *varlink, sd_varlink *link, void *arg)
{
	struct call_socket *s = arg;
	uid_t uid = 0;
	pid_t pid = 0;
	int r = sd_varlink_get_peer_uid(link, &uid);

	(void)varlink;
	if (r >= 0)
		r = sd_varlink_get_peer_pid(link, &pid);
	if (r >= 0 && pid > 0 && is_listed(s, uid))
		return s->server->service.takes_files ?
		    sd_varlink_set_allow_fd_passing_input(link, true) :
		    0;
	s->server->strangers++;
	kk_log(s->server->service.log, KK_LOG_WARNING,
	    "peer turned away role=%u uid=%lu pid=%ld", s->role,
	    (unsigned long)uid, (long)pid);
	return r < 0 ? r : -1; /* EPERM */
}

static void peer_gone(sd_varlink_server *varlink, sd_varlink *link, void *arg)
{
	struct call_socket *s = arg;

	(void)varlink;
	if (s->server->service.gone)
		s->server->service.gone(s->server->service.arg, link);
}

static int methods_bind(struct call_socket *s)
{
	const struct call_service *service = &s->server->service;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < service->rule_count; i++)
		r = sd_varlink_server_bind_method(s->varlink,
		    service->rules[i].method, call_server_entry(i));
	if (r >= 0)
		r = sd_varlink_server_bind_connect(s->varlink, peer_check);
	if (r >= 0)
		r = sd_varlink_server_bind_disconnect(s->varlink, peer_gone);
	if (r >= 0)
		r = sd_varlink_server_add_interface(s->varlink,
		    service->interface);
	if (r >= 0)
		r = sd_varlink_server_add_interface(s->varlink,
		    &call_interface);
	return r;
}

static int socket_start(struct call_socket *s)
{
	const sd_varlink_server_flags_t flags =
	    SD_VARLINK_SERVER_INHERIT_USERDATA |
	    SD_VARLINK_SERVER_INPUT_SENSITIVE | SD_VARLINK_SERVER_ACCOUNT_UID;
	int r = sd_varlink_server_new(&s->varlink, flags);

	if (r < 0)
		return r;
	sd_varlink_server_set_userdata(s->varlink, s);
	r = methods_bind(s);
	if (r >= 0)
		r = sd_varlink_server_set_connections_max(s->varlink,
		    CALL_CONNECTIONS_MAX);
	if (r >= 0)
		r = sd_varlink_server_set_connections_per_uid_max(s->varlink,
		    CALL_CONNECTIONS_MAX);
	if (r >= 0)
		r = sd_varlink_server_attach_event(s->varlink, s->server->event,
		    SD_EVENT_PRIORITY_NORMAL);
	return r;
}

static int socket_open(struct call_socket *s, const struct call_listen *listen)
{
	bool is_ours = s->uid_count == 1 && s->uids[0] == geteuid();

	if (!listen->path)
		return sd_varlink_server_listen_fd(s->varlink, listen->fd);
	return sd_varlink_server_listen_address(s->varlink, listen->path,
	    is_ours ? 0600 : 0666);
}

enum kk_err call_server_listen(struct call_server *server,
    const struct call_listen *listen)
{
	struct call_socket *s;

	if (listen->role >= CALL_ROLES_MAX || listen->uid_count == 0)
		return KK_EINVAL;
	if (listen->uid_count > CALL_LISTEN_UIDS_MAX)
		return KK_ELIMIT;
	s = kk_calloc(1, sizeof(*s));
	if (!s)
		return KK_ENOMEM;
	s->server = server;
	s->role = listen->role;
	s->uid_count = listen->uid_count;
	for (size_t i = 0; i < s->uid_count; i++)
		s->uids[i] = listen->uids[i];
	if (socket_start(s) < 0 || socket_open(s, listen) < 0) {
		socket_free(s);
		return KK_EIO;
	}
	s->next = server->sockets;
	server->sockets = s;
	return KK_OK;
}
