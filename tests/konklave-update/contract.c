/* contract.c - the interfaces of the two, as their files say. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>

#include "call/contract.h"
#include "harness/tap.h"
#include "world.h"

enum { PATH = 192 };

static void check(const char *socket, const char *interface, const char *file)
{
	sd_varlink *link = NULL;

	CHECK(sd_varlink_connect_address(&link, socket) >= 0);
	contract_check(link, interface, file);
	sd_varlink_flush_close_unref(link);
}

TEST(interface_of_updates_is_that_of_its_file)
{
	struct world w;
	char socket[PATH];

	world_open(&w);
	world_start(&w);
	(void)snprintf(socket, sizeof(socket), "%s/control", w.path);
	check(socket, "io.konklave.Update",
	    "firmware/bin/konklave-update/io.konklave.Update.varlink");
	world_close(&w);
}

TEST(interface_of_downloads_is_that_of_its_file)
{
	struct world w;
	struct process_args args = { 0 };
	char socket[PATH], log[PATH], ready[PROCESS_READY_BYTES];
	struct process p = { .name = "konklave-fetch", .args = &args };
	pid_t pid;

	world_open(&w);
	(void)snprintf(socket, sizeof(socket), "%s/fetcher", w.path);
	(void)snprintf(log, sizeof(log), "%s/log", w.path);
	p.folder = w.path;
	p.log = log;
	process_arg_add(&args, "--socket=control:%s", socket);
	process_arg_add(&args, "--state=%s/state", w.path);
	pid = process_start(&p, ready);
	check(socket, "io.konklave.Fetch",
	    "firmware/bin/konklave-fetch/io.konklave.Fetch.varlink");
	process_stop(&p, &pid);
	world_close(&w);
}
