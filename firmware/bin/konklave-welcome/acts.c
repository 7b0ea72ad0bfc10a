/* acts.c - what the screen has asked for: mostly by units that may do it. */
#define _GNU_SOURCE /* sigset_t; libsystemd's macros ask for it */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "konklave_welcome.h"

struct acts {
	sd_event *event;
	const struct options *o;
	acts_told *told;
	void *arg;
	sd_event_source *child, *soon;
	enum welcome_act act;
	bool installs; /* after that: the stick was read, its unit not ended */
	enum kk_err err; /* of what is told soon */
};

static const char *const units[WELCOME_ACTS] = {
	[WELCOME_KEEP] = "konklave-welcome-keep.service",
	[WELCOME_WRITE] = "konklave-welcome-write.service",
	[WELCOME_READ] = "konklave-stick.service",
};

enum kk_err acts_new(struct acts **actsp, sd_event *event,
    const struct options *o, acts_told *told, void *arg)
{
	struct acts *a = kk_calloc(1, sizeof(*a));

	if (!a)
		return KK_ENOMEM;
	*a = (struct acts){ .event = sd_event_ref(event),
		.o = o,
		.told = told,
		.arg = arg };
	*actsp = a;
	return KK_OK;
}

void acts_free(struct acts *acts)
{
	if (!acts)
		return;
	(void)sd_event_source_disable_unref(acts->child);
	(void)sd_event_source_disable_unref(acts->soon);
	(void)sd_event_unref(acts->event);
	kk_free(acts);
}

/* --- files of the exchange ------------------------------------------------ */

static enum kk_err put(const struct acts *a, const char *name,
    struct kk_view content)
{
	const int folder = folder_open(a->o->folder, ".");
	enum kk_err err = KK_EIO;

	if (folder >= 0) {
		err = program_file_write(folder, name, content);
		(void)close(folder);
	}
	return err;
}

static void forget(const struct acts *a, const char *name)
{
	const int folder = folder_open(a->o->folder, ".");

	if (folder >= 0) {
		(void)unlinkat(folder, name, 0);
		(void)close(folder);
	}
}

/* The request anew each time: the box's name may be another now. */
static enum kk_err request_put(const struct acts *a)
{
	struct kk_bytes pem = { 0 };
	struct welcome_key key;
	char stem[STEM_BYTES];
	enum kk_err err = keys_ask(a->o->keyd, &key);

	if (!err && !keys_stem(key.fingerprint, stem))
		err = KK_EFORMAT;
	if (!err)
		err = keys_request(a->o->keyd, &pem);
	if (!err)
		err = put(a, EXCHANGE_REQUEST, kk_bytes_view(&pem));
	if (!err)
		err = put(a, EXCHANGE_NAME, kk_view_text(stem));
	kk_bytes_clear(&pem);
	return err;
}

static enum kk_err chain_install(const struct acts *a)
{
	const int folder = folder_open(a->o->folder, EXCHANGE_STICK);
	struct kk_bytes pem = { 0 };
	enum kk_err err = KK_EIO;

	if (folder >= 0) {
		err = folder_read(folder, EXCHANGE_CHAIN, CHAIN_BYTES_MAX,
		    &pem);
		(void)close(folder);
	}
	if (!err)
		err = keys_install(a->o->keyd, kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return err;
}

/* --- how it went ---------------------------------------------------------- */

static void end(struct acts *a, enum kk_err err)
{
	const enum welcome_act act = a->act;

	a->child = sd_event_source_disable_unref(a->child);
	a->soon = sd_event_source_disable_unref(a->soon);
	a->act = WELCOME_NOTHING;
	if (act == WELCOME_KEEP) {
		forget(a, EXCHANGE_PROFILE); /* it may have the token */
		/* The name of what is read from the stick from now on; what
		 * fails is tried again when the request is written. */
		if (!err)
			(void)!request_put(a);
	}
	a->told(a->arg, act, err);
	if (a->installs) {
		a->installs = false;
		acts_begin(a, WELCOME_INSTALL, NULL);
	}
}

static int soon_cb(sd_event_source *source, void *arg)
{
	struct acts *a = arg;

	(void)source;
	end(a, a->err);
	return 0;
}

/* From the loop, as all others. */
static void end_soon(struct acts *a, enum kk_err err)
{
	a->err = err;
	if (sd_event_add_defer(a->event, &a->soon, soon_cb, a) < 0)
		end(a, err);
}

static int child_cb(sd_event_source *source, const siginfo_t *info, void *arg)
{
	const bool is_good = info->si_code == CLD_EXITED &&
	    info->si_status == 0;

	(void)source;
	end(arg, is_good ? KK_OK : KK_EIO);
	return 0;
}

/* systemctl start UNIT, which ends when the unit has done its work. */
static enum kk_err unit_start(struct acts *a, const char *unit)
{
	char verb[] = "start", name[64], *env[] = { NULL };
	char program[] = "systemctl";
	char *argv[] = { program, verb, name, NULL };
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int status;

	(void)snprintf(name, sizeof(name), "%s", unit);
	(void)sigemptyset(&none);
	if (posix_spawnattr_init(&attributes))
		return KK_ENOMEM;
	status = posix_spawnattr_setsigmask(&attributes, &none);
	if (!status)
		status = posix_spawnattr_setflags(&attributes,
		    POSIX_SPAWN_SETSIGMASK);
	if (!status)
		status = posix_spawn(&pid, a->o->systemctl, NULL, &attributes,
		    argv, env);
	(void)posix_spawnattr_destroy(&attributes);
	if (status)
		return KK_EIO;
	return sd_event_add_child(a->event, &a->child, pid, WEXITED, child_cb,
		   a) < 0 ?
	    KK_EIO :
	    KK_OK;
}

void acts_begin(struct acts *acts, enum welcome_act act,
    const struct welcome *w)
{
	enum kk_err err = KK_OK;

	if (acts->act)
		acts->installs |= act == WELCOME_INSTALL;
	if (acts->act || act == WELCOME_NOTHING)
		return;
	acts->act = act;
	if (act == WELCOME_KEEP)
		err = put(acts, EXCHANGE_PROFILE, welcome_profile(w));
	else if (act == WELCOME_WRITE)
		err = request_put(acts);
	else if (act == WELCOME_INSTALL)
		err = chain_install(acts);
	if (!err && units[act])
		err = unit_start(acts, units[act]);
	if (err || !units[act])
		end_soon(acts, err);
}
