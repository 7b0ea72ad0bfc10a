/* main.c - keyd: starts, serves, ends. */
#define _GNU_SOURCE /* sigset_t */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "keyd.h"

enum { TICK_US = 1000000, SLACK_US = 250000, PATH_BYTES = 4096 };

static enum kk_err wrap_key_read(const struct keyd *k, struct kk_bytes *key)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	const char *path = k->options.wrap_key;
	char in_folder[PATH_BYTES];
	enum kk_err err;
	int n;

	*key = (struct kk_bytes){ 0 };
	if (!path) {
		n = snprintf(in_folder, sizeof(in_folder), "%s/keyd.wrap-key",
		    folder ? folder : "");
		if (!folder || n < 0 || (size_t)n >= sizeof(in_folder))
			return KK_ENOENT;
		path = in_folder;
	}
	err = program_file_read(path, KEYSTORE_WRAP_KEY_BYTES, key);
	if (!err && key->bytes != KEYSTORE_WRAP_KEY_BYTES) {
		kk_bytes_clear(key);
		err = KK_EINVAL;
	}
	return err;
}

/* Old epochs' message keys go with their frame keys. */
static int tick(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct keyd *k = arg;
	uint64_t now_ms = keyd_now_ms(k);

	keyd_identity_warn(k);
	for (struct keyd_meeting *m = k->meetings; m; m = m->next) {
		if (!m->group || !m->forget_ms || m->forget_ms > now_ms)
			continue;
		m->forget_ms = 0;
		mls_group_forget_past(m->group);
		if (keyd_meeting_keep(k, m))
			break; /* it was logged */
	}
	if (sd_event_source_set_time(source, now_us + TICK_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static enum kk_err events_start(struct keyd *k)
{
	sigset_t ends;

	if (sd_event_new(&k->event) < 0 || sigemptyset(&ends) ||
	    sigaddset(&ends, SIGTERM) || sigaddset(&ends, SIGINT) ||
	    sigprocmask(SIG_BLOCK, &ends, NULL) ||
	    sd_event_add_signal(k->event, NULL, SIGTERM, NULL, NULL) < 0 ||
	    sd_event_add_signal(k->event, NULL, SIGINT, NULL, NULL) < 0 ||
	    sd_event_add_time_relative(k->event, &k->timer, CLOCK_MONOTONIC,
		TICK_US, SLACK_US, tick, k) < 0)
		return KK_EIO;
	/* Watched where the service manager asks for it. */
	return sd_event_set_watchdog(k->event, true) < 0 ? KK_EIO : KK_OK;
}

static bool is_errand(const struct keyd *k)
{
	return k->options.wants_request || k->options.install;
}

static enum kk_err start(struct keyd *k)
{
	struct kk_bytes wrap_key;
	enum kk_err err = crypto_init();

	if (!err)
		err = events_start(k);
	if (err)
		return err;
	err = wrap_key_read(k, &wrap_key);
	if (!err)
		err = keyd_store_open(k, kk_bytes_view(&wrap_key));
	kk_bytes_clear(&wrap_key);
	if (!err)
		err = keyd_identity_start(k);
	if (err || is_errand(k))
		return err;
	keyd_store_load_all(k);
	return keyd_methods_start(k);
}

/* Those end with it, and nobody connects. */
static enum kk_err errand_run(struct keyd *k)
{
	return k->options.wants_request ? keyd_enrol_request(k) :
					  keyd_enrol_install(k);
}

static bool serve(struct keyd *k)
{
	bool is_ok;

	(void)sd_notify(0, "READY=1");
	kk_log(&k->log, KK_LOG_INFO, "ready meetings=%zu", k->meeting_count);
	is_ok = sd_event_loop(k->event) >= 0;
	(void)sd_notify(0, "STOPPING=1");
	return is_ok;
}

static void stop(struct keyd *k)
{
	for (size_t i = 0; i < KEYD_WATCHES_MAX; i++)
		k->watches[i].link = sd_varlink_unref(k->watches[i].link);
	call_server_free(k->server);
	while (k->meetings)
		keyd_meeting_free(k, k->meetings);
	keyd_identity_stop(k);
	sd_event_source_unref(k->timer);
	sd_event_unref(k->event);
	if (k->folder >= 0)
		(void)close(k->folder);
	kk_wipe(k->file_key, sizeof(k->file_key));
	kk_wipe(k->mls_key, sizeof(k->mls_key));
}

int main(int argc, char **argv)
{
	struct keyd k = { .folder = -1,
		.log = { .fn = program_log_write,
		    .module = "keyd",
		    .level = KK_LOG_INFO } };
	int status = EXIT_SUCCESS;
	enum kk_err err;

	if (keyd_options_parse(&k.options, argc, argv))
		return 2;
	if (k.options.is_done)
		return EXIT_SUCCESS;
	err = program_sandbox_enter(
	    PROGRAM_HOLDS_SECRETS | PROGRAM_LOCKS_MEMORY, &k.log);
	if (!err)
		err = start(&k);
	if (err) {
		kk_log(&k.log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		status = k.status ? k.status : EXIT_FAILURE;
	} else if (is_errand(&k) ? errand_run(&k) != KK_OK : !serve(&k)) {
		status = EXIT_FAILURE;
	}
	stop(&k);
	return status;
}
