/* main.c - webd: starts, serves, ends. */
#define _GNU_SOURCE /* libwebsockets' headers ask for it */
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "webd.h"

int main(int argc, char **argv)
{
	struct webd w = { .root = -1,
		.signals = -1,
		.log = { .fn = program_log_write,
		    .module = "webd",
		    .level = KK_LOG_INFO } };
	enum kk_err err;

	if (webd_options_parse(&w.options, argc, argv))
		return 2;
	if (w.options.is_done)
		return EXIT_SUCCESS;
	/* It holds the keys of TLS and of TURN. */
	err = program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &w.log);
	if (!err)
		err = webd_server_start(&w);
	if (err) {
		kk_log(&w.log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
	} else {
		(void)sd_notify(0, "READY=1");
		kk_log(&w.log, KK_LOG_INFO, "ready port=%u loopback-port=%u",
		    w.options.port, w.options.loopback_port);
		err = webd_server_run(&w);
		(void)sd_notify(0, "STOPPING=1");
	}
	webd_server_stop(&w);
	kk_wipe(&w, sizeof(w));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
