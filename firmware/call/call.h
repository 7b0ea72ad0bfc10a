/*
 * call.h - local calls between processes, by Varlink (libsystemd's).  Any zone.
 *
 * A server has a socket for each role; a role is who may speak there, checked
 * by the uid of the peer (SO_PEERCRED).  Before a handler runs, the request
 * table says whether this role may make this call, now, this often and this
 * large.  What is refused is answered with a named error and counted.
 *
 * Parameters that come in are marked sensitive, so that libsystemd wipes them
 * and keeps them out of its log.  One thread per server.
 */
#pragma once
#include <sys/types.h>
#include <systemd/sd-event.h>
#include <systemd/sd-json.h>
#include <systemd/sd-varlink.h>

#include "base/base.h"
#include "call/table.h"

/*
 * Errors (error.c).  The name of an error on the wire, and back.  Of a name
 * that is none of ours call_err_of() gives KK_EIO; of NULL, KK_OK.
 */
const char *call_err_id(enum kk_err err); /* NULL for KK_OK */
enum kk_err call_err_of(const char *error_id);
enum kk_err call_err_named(const char *name); /* without the interface's name */
const char *call_verdict_id(enum call_verdict verdict); /* NULL: allowed */

/*
 * Parameters (json.c).  Names are those of the interface.
 */
enum { /* of one request, against work without bound */
	CALL_JSON_DEPTH_MAX = 6,
	CALL_JSON_NODES_MAX = 16384,
	CALL_LISTEN_UIDS_MAX = 8,
	/* On one socket.  A role is one process; libsystemd holds up to 16 MiB
	 * of a message that has no end yet, for each connection. */
	CALL_CONNECTIONS_MAX = 4
};

/*
 * Measures a request: *bytes is that of all its texts and names.
 * Errors: KK_ELIMIT too deep or too many values.
 */
MUST_CHECK enum kk_err call_json_measure(sd_json_variant *v, size_t *bytes);

/* Is the name there, and not null? */
bool call_has(sd_json_variant *in, const char *name);

/*
 * Readers.  Errors: KK_ENOENT not there, KK_EFORMAT of another type or not
 * base64, KK_ELIMIT over max.  On error *out is empty.  Bytes are the caller's;
 * libsystemd's copy is wiped.  Texts are borrowed from in.
 */
MUST_CHECK enum kk_err call_get_bytes(sd_json_variant *in, const char *name,
    size_t max_bytes, struct kk_bytes *out);
MUST_CHECK enum kk_err call_value_bytes(sd_json_variant *value,
    size_t max_bytes, struct kk_bytes *out);
MUST_CHECK enum kk_err call_get_u64(sd_json_variant *in, const char *name,
    uint64_t max, uint64_t *out);
MUST_CHECK enum kk_err call_get_u32(sd_json_variant *in, const char *name,
    uint32_t max, uint32_t *out);
MUST_CHECK enum kk_err call_get_bool(sd_json_variant *in, const char *name,
    bool *out);

/* So many bytes, into the caller's memory: on error it is left alone.  The
 * error of others is KK_EFORMAT, too. */
MUST_CHECK enum kk_err call_get_exact(sd_json_variant *in, const char *name,
    uint8_t *out, size_t bytes);
/* A text with its end; KK_ELIMIT where it does not fit.  On error out is "". */
MUST_CHECK enum kk_err call_get_text(sd_json_variant *in, const char *name,
    char *out, size_t room_bytes);

/* An error of the above, of a field that has to be there, or may lack. */
enum kk_err call_needed(enum kk_err err);
enum kk_err call_optional(enum kk_err err);

/* A list; *count is 0 where it is not there.  Errors: KK_EFORMAT, KK_ELIMIT. */
MUST_CHECK enum kk_err call_get_list(sd_json_variant *in, const char *name,
    size_t max_count, sd_json_variant **list, size_t *count);

/*
 * Writers: add a field to *out, which may be NULL at first.  A value that is
 * secret is wiped by libsystemd when it is released, where it has more than 7
 * letters.  Errors: KK_ENOMEM.
 */
MUST_CHECK enum kk_err call_put_bytes(sd_json_variant **out, const char *name,
    struct kk_view bytes);
MUST_CHECK enum kk_err call_put_secret(sd_json_variant **out, const char *name,
    struct kk_view bytes);
MUST_CHECK enum kk_err call_put_secret_text(sd_json_variant **out,
    const char *name, const char *text);
MUST_CHECK enum kk_err call_put_text(sd_json_variant **out, const char *name,
    const char *text);
MUST_CHECK enum kk_err call_put_u64(sd_json_variant **out, const char *name,
    uint64_t n);
MUST_CHECK enum kk_err call_put_bool(sd_json_variant **out, const char *name,
    bool is_true);
MUST_CHECK enum kk_err call_put_value(sd_json_variant **out, const char *name,
    sd_json_variant *value);
MUST_CHECK enum kk_err call_put_empty_list(sd_json_variant **out,
    const char *name);
MUST_CHECK enum kk_err call_list_add(sd_json_variant **list,
    sd_json_variant *element);

/*
 * Server.
 */
struct call_request {
	sd_varlink *link; /* ref it to keep it */
	sd_json_variant *in; /* borrowed */
	sd_json_variant *out; /* the handler's answer; the server releases it */
	unsigned role;
	bool wants_more;
	/* Set by the handler of a subscription: no answer now.  It sends with
	 * call_notify(), and is told by gone(). */
	bool is_kept;
};

typedef enum kk_err call_handler(void *arg, struct call_request *rq);

struct call_service {
	const sd_varlink_interface *interface;
	const struct call_rule *rules; /* borrowed, outlive the server */
	call_handler *const *handlers; /* one for each rule */
	size_t rule_count; /* at most CALL_RULES_MAX */
	void *arg;
	bool takes_files; /* sd_varlink_take_fd() of a request works */
	/* The state that the request's subject is in, as a number below 32. */
	unsigned (*state)(void *arg, sd_json_variant *in);
	/* A connection that was kept is gone; its ref is still ours to drop. */
	void (*gone)(void *arg, sd_varlink *link);
	const struct kk_log *log; /* NULL: silent */
};

struct call_server;

/* service is copied.  Errors: KK_EINVAL, KK_ENOMEM, KK_EIO. */
MUST_CHECK enum kk_err call_server_new(struct call_server **serverp,
    sd_event *event, const struct call_service *service);
void call_server_free(struct call_server *server); /* NULL is fine */

struct call_listen {
	unsigned role;
	const char *path; /* or NULL, and fd */
	int fd; /* a listening socket; ours on success */
	const uid_t *uids; /* who may connect; at most CALL_LISTEN_UIDS_MAX */
	size_t uid_count;
};

/*
 * Opens a socket for a role.  A path is made with mode 0600 where our own user
 * alone may connect, else 0666: the folder, and the uid's check, close it.
 * Errors: KK_EINVAL, KK_ELIMIT, KK_EIO, KK_ENOMEM.
 */
MUST_CHECK enum kk_err call_server_listen(struct call_server *server,
    const struct call_listen *listen);

/* How often a verdict was given, and peers turned away. */
uint64_t call_server_count(const struct call_server *server,
    enum call_verdict verdict);
uint64_t call_server_strangers(const struct call_server *server);

/* Sends to a kept connection.  Errors: KK_EIO it is gone or full. */
MUST_CHECK enum kk_err call_notify(sd_varlink *link, sd_json_variant *out);
