/* server_internal.h - what the server's files share. */
#pragma once
#include "call/call.h"

/* interface.c: io.konklave.Call, the errors. */
extern const sd_varlink_interface call_interface;

struct call_socket { /* one role's */
	struct call_server *server;
	struct call_socket *next;
	sd_varlink_server *varlink;
	unsigned role;
	uid_t uids[CALL_LISTEN_UIDS_MAX];
	size_t uid_count;
};

struct call_server {
	struct call_service service;
	struct call_table *table;
	sd_event *event; /* a ref */
	struct call_socket *sockets;
	uint64_t strangers;
};

/* Answers a request for rule index i; gives what libsystemd wants. */
int call_server_answer(struct call_socket *s, size_t rule, sd_varlink *link,
    sd_json_variant *in, bool wants_more);

/* Libsystemd does not tell a callback which method was called: one each. */
sd_varlink_method_t call_server_entry(size_t rule);
