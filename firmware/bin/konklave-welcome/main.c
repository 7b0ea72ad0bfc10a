/* main.c - konklave-welcome: the first-boot screen's loop, and its commands. */
#define _GNU_SOURCE /* sigset_t; libsystemd's macros ask for it */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "konklave_welcome.h"

enum { USEC = 1000000, AGAIN_S = 10, MODE_OURS = 0700 };

struct run {
	const struct options *o;
	struct kk_log log;
	sd_event *event;
	struct welcome *welcome;
	struct picture *picture;
	struct acts *acts;
	struct input *input;
	sd_event_source *keys, *again, *second, *stick, *stop;
	bool is_german; /* the keyboards' layout */
};

static enum kk_err input_begin(struct run *r);

/* --- after each event ----------------------------------------------------- */

static void act(struct run *r, enum welcome_act what);

static int second_cb(sd_event_source *source, uint64_t usec, void *arg)
{
	struct run *r = arg;

	(void)source;
	(void)usec;
	r->second = sd_event_source_disable_unref(r->second);
	act(r, welcome_second(r->welcome));
	return 0;
}

static void second_watch(struct run *r)
{
	if (!welcome_counts_down(r->welcome))
		r->second = sd_event_source_disable_unref(r->second);
	else if (!r->second)
		(void)sd_event_add_time_relative(r->event, &r->second,
		    CLOCK_MONOTONIC, USEC, 0, second_cb, r);
}

/* Only devices ask for their layout. */
static void layout_follow(struct run *r)
{
	const bool is_german = welcome_view(r->welcome)->is_german;

	if (is_german == r->is_german)
		return;
	r->is_german = is_german;
	if (strcmp(r->o->input, "evdev") != 0)
		return;
	r->keys = sd_event_source_disable_unref(r->keys);
	input_close(r->input);
	r->input = NULL;
	if (input_begin(r))
		kk_log(&r->log, KK_LOG_ERROR, "no keyboards any more");
}

static void act(struct run *r, enum welcome_act what)
{
	picture_draw(r->picture, welcome_view(r->welcome));
	second_watch(r);
	if (what == WELCOME_FINISH)
		(void)sd_event_exit(r->event, 0);
	else
		acts_begin(r->acts, what, r->welcome);
}

static void told(void *arg, enum welcome_act what, enum kk_err err)
{
	static const char *const names[WELCOME_ACTS] = { "nothing", "keep",
		"write", "read", "install", "finish" };
	struct run *r = arg;
	struct welcome_key key;

	kk_log(&r->log, err ? KK_LOG_WARNING : KK_LOG_INFO, "%s err=%s",
	    names[what], kk_err_name(err));
	welcome_told(r->welcome, what, err);
	if (welcome_view(r->welcome)->page == WELCOME_ENROL) {
		if (keys_ask(r->o->keyd, &key)) {
			kk_log(&r->log, KK_LOG_WARNING, "keyd says nothing");
			key.trouble = keys_trouble(r->o->systemctl);
		}
		welcome_key_told(r->welcome, &key);
	}
	act(r, WELCOME_NOTHING);
}

/* --- what comes ----------------------------------------------------------- */

static int keys_cb(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct run *r = arg;
	struct input_event event;
	enum welcome_act what = WELCOME_NOTHING;
	bool is_any = false;

	(void)source;
	(void)fd;
	(void)events;
	while (!what && input_next(r->input, &event)) {
		what = welcome_press(r->welcome, &event);
		is_any = true;
	}
	kk_wipe(&event, sizeof(event));
	if (is_any) {
		act(r, what);
		layout_follow(r);
	}
	return 0;
}

static enum kk_err input_begin(struct run *r)
{
	enum kk_err err = input_open(&r->input, r->o->input,
	    r->is_german ? "de" : "us");

	if (err || input_fd(r->input) < 0)
		return err;
	return sd_event_add_io(r->event, &r->keys, input_fd(r->input), EPOLLIN,
		   keys_cb, r) < 0 ?
	    KK_EIO :
	    KK_OK;
}

static enum kk_err stick_look(struct run *r, enum welcome_act *what)
{
	const int folder = folder_open(r->o->folder, EXCHANGE_STICK);
	struct kk_bytes profile = { 0 }, anchors = { 0 }, chain = { 0 };
	enum kk_err none, err;

	if (folder < 0)
		return KK_EIO;
	err = folder_read(folder, EXCHANGE_PROFILE, PROFILE_BYTES_MAX,
	    &profile);
	none = folder_read(folder, EXCHANGE_ANCHORS, PROFILE_BYTES_MAX,
	    &anchors);
	if (!err || err == KK_ENOENT)
		err = none;
	none = folder_read(folder, EXCHANGE_CHAIN, CHAIN_BYTES_MAX, &chain);
	if (!err || err == KK_ENOENT)
		err = none;
	if (!err || err == KK_ENOENT) {
		const struct welcome_stick stick = { kk_bytes_view(&profile),
			kk_bytes_view(&anchors), chain.bytes > 0 };

		*what = welcome_stick(r->welcome, &stick);
		err = KK_OK;
	}
	kk_bytes_clear(&profile);
	kk_bytes_clear(&anchors);
	kk_bytes_clear(&chain);
	return err;
}

static int stick_cb(sd_event_source *source, const struct inotify_event *event,
    void *arg)
{
	enum welcome_act what = WELCOME_NOTHING;
	struct run *r = arg;
	enum kk_err err;

	(void)source;
	if (event->len == 0 || strcmp(event->name, EXCHANGE_COME) != 0)
		return 0;
	err = stick_look(r, &what);
	if (err)
		kk_log(&r->log, KK_LOG_WARNING, "stick not read err=%s",
		    kk_err_name(err));
	act(r, what);
	layout_follow(r);
	return 0;
}

/* The screen may have been off; and whoever asks how it goes is told. */
static int again_cb(sd_event_source *source, uint64_t usec, void *arg)
{
	struct run *r = arg;

	(void)usec;
	picture_draw(r->picture, welcome_view(r->welcome));
	return sd_event_source_set_time_relative(source,
		   (uint64_t)AGAIN_S * USEC) < 0 ||
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0 ?
	    -EIO :
	    0;
}

/* --- from the beginning to the end ---------------------------------------- */

static bool folder_make(const struct options *o, char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/" EXCHANGE_STICK, o->folder) >=
	    PATH_MAX)
		return false;
	return mkdir(path, MODE_OURS) == 0 || errno == EEXIST;
}

static enum kk_err loop_make(struct run *r)
{
	char path[PATH_MAX];
	sigset_t signals;

	/* Children are waited for by the loop, and so is the end. */
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigaddset(&signals, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) ||
	    sd_event_new(&r->event) < 0 ||
	    sd_event_set_watchdog(r->event, true) < 0 ||
	    sd_event_add_signal(r->event, &r->stop, SIGTERM, NULL,
		(void *)(intptr_t)EXIT_FAILURE) < 0 ||
	    !folder_make(r->o, path) ||
	    sd_event_add_inotify(r->event, &r->stick, path, IN_MOVED_TO,
		stick_cb, r) < 0 ||
	    /* What a stick had is known before its unit's end is told. */
	    sd_event_source_set_priority(r->stick,
		SD_EVENT_PRIORITY_IMPORTANT) < 0 ||
	    sd_event_add_time_relative(r->event, &r->again, CLOCK_MONOTONIC,
		(uint64_t)AGAIN_S * USEC, 0, again_cb, r) < 0)
		return KK_EIO;
	return KK_OK;
}

static enum kk_err all_open(struct run *r)
{
	struct kk_bytes stored;
	enum kk_err err = welcome_new(&r->welcome);

	if (!err)
		welcome_tpm_told(r->welcome, access(r->o->tpm, F_OK) == 0);
	if (!err &&
	    !program_file_read(r->o->profile, PROFILE_BYTES_MAX, &stored)) {
		welcome_begin(r->welcome, kk_bytes_view(&stored));
		kk_bytes_clear(&stored);
	}
	if (!err)
		err = picture_open(&r->picture, r->o);
	if (!err)
		err = loop_make(r);
	if (!err)
		err = acts_new(&r->acts, r->event, r->o, told, r);
	if (!err) {
		r->is_german = welcome_view(r->welcome)->is_german;
		err = input_begin(r);
	}
	return err;
}

static void all_close(struct run *r)
{
	(void)sd_event_source_disable_unref(r->keys);
	(void)sd_event_source_disable_unref(r->again);
	(void)sd_event_source_disable_unref(r->second);
	(void)sd_event_source_disable_unref(r->stick);
	(void)sd_event_source_disable_unref(r->stop);
	acts_free(r->acts);
	input_close(r->input);
	(void)sd_event_unref(r->event);
	picture_close(r->picture);
	welcome_free(r->welcome);
}

static enum kk_err show(const struct options *o, const struct kk_log *log)
{
	struct run r = { .o = o, .log = *log };
	enum kk_err err = all_open(&r);
	int status = 0;

	if (!err) {
		act(&r, WELCOME_NOTHING);
		(void)sd_notify(0, "READY=1");
		status = sd_event_loop(r.event);
		(void)sd_notify(0, "STOPPING=1");
		if (status)
			err = KK_EIO;
	}
	all_close(&r);
	return err;
}

static enum kk_err run(const struct options *o, const struct kk_log *log)
{
	if (!strcmp(o->verb, "read"))
		return stick_read(o->folder, o->stick);
	if (!strcmp(o->verb, "write"))
		return stick_write(o->folder, o->stick);
	if (!strcmp(o->verb, "look"))
		return enrol_look(o);
	if (!strcmp(o->verb, "ask"))
		return enrol_ask(o);
	return !strcmp(o->verb, "enrol") ? enrol_install(o) : show(o, log);
}

int main(int argc, char **argv)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "welcome",
		.level = KK_LOG_INFO };
	struct options o;
	enum kk_err err;

	if (options_parse(&o, argc, argv))
		return 2;
	if (o.is_done)
		return EXIT_SUCCESS;
	err = program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &log);
	if (!err)
		err = run(&o, &log);
	if (err)
		kk_log(&log, KK_LOG_ERROR, "%s err=%s (%s)",
		    o.verb[0] ? o.verb : "screen", kk_err_name(err),
		    kk_err_text(err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
