/*
 * evdev.c - the kernel's devices, as they come and go.
 *
 * A device is taken when its node appears in /dev/input, or gets other rights
 * (inotify(7)); one that is gone says so when it is read.  Each is taken for us
 * alone, where nobody else has done so: what is typed here is not for the
 * kernel's console.
 */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

/* <linux/input.h> has a struct of the name of ours. */
#define input_event kernel_event
#include <libevdev/libevdev.h>
#undef input_event

#include "drivers/input/input_internal.h"

enum {
	DEVICES_MAX = 32,
	NUMBER_MAX = 1023, /* as many as the kernel has (drivers/input) */
	NUMBER_DIGITS_MAX = 4,
	PATH_BYTES = 256,
	READS_MAX = 256, /* that mean nothing; then the loop has its turn */
	NOTICES_BYTES = 4096 /* a name has up to NAME_MAX (inotify(7)) */
};

_Static_assert(NOTICES_BYTES > sizeof(struct inotify_event) + NAME_MAX + 1,
    "one notice has room");

struct device {
	struct libevdev *dev; /* NULL: none here */
	int fd, number;
	bool is_syncing; /* events were lost: what has changed comes first */
	struct input_decode decode;
};

struct evdev {
	int poll, notify;
	int dev_watch; /* until the folder is there; -1: none */
	int folder_watch; /* -1: it is not there */
	char folder[PATH_BYTES / 2];
	struct input_keymap *map;
	struct device devices[DEVICES_MAX];
};

/* --- one device ----------------------------------------------------------- */

static bool has_any(const struct libevdev *dev, const unsigned *codes,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (libevdev_has_event_code(dev, EV_KEY, codes[i]))
			return true;
	}
	return false;
}

/* One of them is on every device with keys for people; a power button has none
 * of them, and stays the system's. */
static bool has_keys(const struct libevdev *dev)
{
	static const unsigned codes[] = { KEY_1, KEY_KP1, KEY_NUMERIC_1,
		KEY_ENTER, KEY_KPENTER, KEY_OK, KEY_SELECT, KEY_UP, KEY_PHONE,
		KEY_PICKUP_PHONE, KEY_HANGUP_PHONE };

	return has_any(dev, codes, KK_ARRAY_LEN(codes));
}

/* A screen, or what points at places of it as such; no touch pad beside it. */
static bool has_places(const struct libevdev *dev)
{
	if (libevdev_has_property(dev, INPUT_PROP_DIRECT))
		return true;
	return libevdev_has_event_code(dev, EV_KEY, BTN_LEFT) &&
	    !libevdev_has_event_code(dev, EV_KEY, BTN_TOOL_FINGER) &&
	    !libevdev_has_property(dev, INPUT_PROP_POINTER);
}

static struct input_axis axis_of(const struct libevdev *dev, unsigned code)
{
	const struct input_absinfo *a = libevdev_get_abs_info(dev, code);

	return a ? (struct input_axis){ a->minimum, a->maximum, a->value } :
		   (struct input_axis){ 0, 0, 0 };
}

/* Devices with slots have axes of one touch too, where the kernel makes them.
 */
static bool axes_take(struct device *d)
{
	const struct libevdev *dev = d->dev;
	const bool has_button = libevdev_has_event_code(dev, EV_KEY,
				    BTN_TOUCH) ||
	    libevdev_has_event_code(dev, EV_KEY, BTN_LEFT);

	if (!has_places(dev))
		return false;
	if (has_button && libevdev_has_event_code(dev, EV_ABS, ABS_X) &&
	    libevdev_has_event_code(dev, EV_ABS, ABS_Y)) {
		d->decode.x = axis_of(dev, ABS_X);
		d->decode.y = axis_of(dev, ABS_Y);
		return true;
	}
	d->decode.has_slots = true;
	d->decode.slot = libevdev_get_current_slot(dev);
	d->decode.x = axis_of(dev, ABS_MT_POSITION_X);
	d->decode.y = axis_of(dev, ABS_MT_POSITION_Y);
	return libevdev_has_event_code(dev, EV_ABS, ABS_MT_POSITION_X) &&
	    libevdev_has_event_code(dev, EV_ABS, ABS_MT_POSITION_Y);
}

static void device_close(struct device *d)
{
	if (d->fd >= 0)
		(void)close(d->fd); /* leaves the epoll set by that */
	libevdev_free(d->dev);
	input_decode_clear(&d->decode);
	*d = (struct device){ .fd = -1 };
}

static struct device *device_find(struct evdev *e, int number)
{
	for (size_t i = 0; i < DEVICES_MAX; i++) {
		if (e->devices[i].dev && e->devices[i].number == number)
			return &e->devices[i];
	}
	return NULL;
}

static struct device *device_free_find(struct evdev *e)
{
	for (size_t i = 0; i < DEVICES_MAX; i++) {
		if (!e->devices[i].dev)
			return &e->devices[i];
	}
	return NULL;
}

static bool device_take(struct evdev *e, struct device *d, const char *path)
{
	struct epoll_event wanted = { .events = EPOLLIN };
	bool has_axes;

	d->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (d->fd < 0 || libevdev_new_from_fd(d->fd, &d->dev) < 0 ||
	    input_decode_init(&d->decode, e->map))
		return false;
	has_axes = axes_take(d);
	if (!has_axes && !has_keys(d->dev))
		return false;
	(void)libevdev_grab(d->dev, LIBEVDEV_GRAB);
	return !epoll_ctl(e->poll, EPOLL_CTL_ADD, d->fd, &wanted);
}

static void device_open(struct evdev *e, int number)
{
	struct device *d = device_free_find(e);
	char path[PATH_BYTES];

	if (!d)
		return;
	(void)snprintf(path, sizeof(path), "%s/event%d", e->folder, number);
	d->number = number;
	if (!device_take(e, d, path))
		device_close(d);
}

/* False: none for now.  *reads: how many may still be read. */
static bool device_next(struct device *d, struct input_event *event,
    unsigned *reads)
{
	while (d->dev && *reads > 0) {
		const unsigned flag = d->is_syncing ? LIBEVDEV_READ_FLAG_SYNC :
						      LIBEVDEV_READ_FLAG_NORMAL;
		struct kernel_event raw;
		const int r = libevdev_next_event(d->dev, flag, &raw);

		--*reads;
		if (r == -EAGAIN && !d->is_syncing)
			return false;
		if (r < 0 && r != -EAGAIN) {
			device_close(d); /* it is gone */
			return false;
		}
		d->is_syncing = r == LIBEVDEV_READ_STATUS_SYNC;
		if (r >= 0 &&
		    input_decode(&d->decode, raw.type, raw.code, raw.value,
			event))
			return true;
	}
	return false;
}

/* --- all of them ---------------------------------------------------------- */

/* The number of "event0" to "event1023"; -1: it is none. */
static int number_of(const char *name)
{
	static const char prefix[] = "event";
	const char *digits = name + sizeof(prefix) - 1;
	size_t count;
	long number;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return -1;
	count = strspn(digits, "0123456789");
	if (count == 0 || count > NUMBER_DIGITS_MAX || digits[count])
		return -1;
	number = strtol(digits, NULL, 10);
	return number > NUMBER_MAX ? -1 : (int)number;
}

static void folder_scan(struct evdev *e)
{
	DIR *folder = opendir(e->folder);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)) != NULL) {
		const int number = number_of(entry->d_name);

		if (number >= 0 && !device_find(e, number))
			device_open(e, number);
	}
	if (folder)
		(void)closedir(folder);
}

/* A PC without any device has no folder for them yet. */
static void folder_watch(struct evdev *e)
{
	if (e->folder_watch < 0)
		e->folder_watch = inotify_add_watch(e->notify, e->folder,
		    IN_CREATE | IN_ATTRIB | IN_DELETE_SELF | IN_ONLYDIR);
	if (e->folder_watch >= 0)
		folder_scan(e);
}

static void notice_take(struct evdev *e, const struct inotify_event *notice)
{
	const char *name = notice->len > 0 ? notice->name : "";
	const int number = number_of(name);
	struct device *d;

	if (notice->mask & IN_Q_OVERFLOW) {
		folder_scan(e);
		return;
	}
	if (notice->wd == e->dev_watch && !strcmp(name, "input"))
		folder_watch(e);
	if (notice->wd != e->folder_watch)
		return;
	if (notice->mask & IN_IGNORED)
		e->folder_watch = -1;
	if (number < 0)
		return;
	/* A node that is made anew is another device's. */
	d = device_find(e, number);
	if (d && (notice->mask & IN_CREATE))
		device_close(d);
	if (!d || (notice->mask & IN_CREATE))
		device_open(e, number);
}

static void notices_read(struct evdev *e)
{
	_Alignas(struct inotify_event) char notices[NOTICES_BYTES];
	const ssize_t bytes = read(e->notify, notices, sizeof(notices));
	size_t at = 0;

	while (bytes > 0 && at < (size_t)bytes) {
		const struct inotify_event *notice = (const void *)(notices +
		    at);

		notice_take(e, notice);
		at += sizeof(*notice) + notice->len;
	}
}

static bool evdev_next(void *ctx, struct input_event *event)
{
	struct evdev *e = ctx;
	unsigned reads = READS_MAX;

	notices_read(e);
	for (size_t i = 0; i < DEVICES_MAX; i++) {
		if (device_next(&e->devices[i], event, &reads))
			return true;
	}
	return false;
}

static void evdev_close(void *ctx)
{
	struct evdev *e = ctx;

	for (size_t i = 0; i < DEVICES_MAX; i++)
		device_close(&e->devices[i]);
	input_keymap_free(e->map);
	if (e->notify >= 0)
		(void)close(e->notify);
	if (e->poll >= 0)
		(void)close(e->poll);
	kk_free(e);
}

static const struct input_ops evdev_ops = { evdev_next, evdev_close };

static enum kk_err start(struct evdev *e, const char *dev)
{
	struct epoll_event wanted = { .events = EPOLLIN };
	const int bytes = snprintf(e->folder, sizeof(e->folder), "%s/input",
	    dev);

	if (bytes < 0 || (size_t)bytes >= sizeof(e->folder))
		return KK_EINVAL;
	e->poll = epoll_create1(EPOLL_CLOEXEC);
	e->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (e->poll < 0 || e->notify < 0 ||
	    epoll_ctl(e->poll, EPOLL_CTL_ADD, e->notify, &wanted))
		return KK_EIO;
	e->dev_watch = inotify_add_watch(e->notify, dev,
	    IN_CREATE | IN_ONLYDIR);
	folder_watch(e);
	return e->dev_watch < 0 && e->folder_watch < 0 ? KK_EIO : KK_OK;
}

enum kk_err input_evdev_open(struct input **inputp, const char *dev,
    const char *keymap)
{
	struct evdev *e = kk_calloc(1, sizeof(*e));
	enum kk_err err;

	if (!e)
		return KK_ENOMEM;
	e->poll = e->notify = e->dev_watch = e->folder_watch = -1;
	for (size_t i = 0; i < DEVICES_MAX; i++)
		e->devices[i].fd = -1;
	err = input_keymap_new(&e->map, keymap);
	if (!err)
		err = start(e, dev);
	if (err) {
		evdev_close(e);
		return err;
	}
	return input_new(inputp, &evdev_ops, e, e->poll);
}
