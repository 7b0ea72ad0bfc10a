/* postbox.c - a list under a lock, and an eventfd that wakes the loop. */
#include "postbox.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct postbox {
	pthread_mutex_t lock;
	struct postbox_job *first, **end; /* under the lock */
	int fd;
	sd_event_source *source;
};

static struct postbox_job *take_all(struct postbox *box)
{
	struct postbox_job *first;

	(void)pthread_mutex_lock(&box->lock);
	first = box->first;
	box->first = NULL;
	box->end = &box->first;
	(void)pthread_mutex_unlock(&box->lock);
	return first;
}

static void run_all(struct postbox *box)
{
	struct postbox_job *job = take_all(box), *next;

	for (; job; job = next) {
		next = job->next; /* it is gone when it has run */
		job->run(job);
	}
}

static int on_posted(sd_event_source *source, int fd, uint32_t events,
    void *arg)
{
	uint64_t count;

	(void)source;
	(void)events;
	/* Emptied first: what is posted from here on wakes again. */
	if (read(fd, &count, sizeof(count)) == sizeof(count))
		run_all(arg);
	return 0;
}

/* In front of packets, which never end. */
static enum kk_err watch(struct postbox *box, sd_event *event)
{
	if (sd_event_add_io(event, &box->source, box->fd, EPOLLIN, on_posted,
		box) < 0)
		return KK_ENOMEM;
	return sd_event_source_set_priority(box->source,
		   SD_EVENT_PRIORITY_IMPORTANT) < 0 ?
	    KK_EIO :
	    KK_OK;
}

enum kk_err postbox_new(struct postbox **boxp, sd_event *event)
{
	struct postbox *box = kk_calloc(1, sizeof(*box));
	enum kk_err err;

	if (!box)
		return KK_ENOMEM;
	box->end = &box->first;
	(void)pthread_mutex_init(&box->lock, NULL); /* cannot fail */
	box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = box->fd < 0 ? KK_EIO : watch(box, event);
	if (err) {
		postbox_free(box);
		return err;
	}
	*boxp = box;
	return KK_OK;
}

void postbox_free(struct postbox *box)
{
	if (!box)
		return;
	run_all(box);
	sd_event_source_disable_unref(box->source);
	if (box->fd >= 0)
		(void)close(box->fd);
	(void)pthread_mutex_destroy(&box->lock);
	kk_free(box);
}

void postbox_post(struct postbox *box, struct postbox_job *job)
{
	const uint64_t one = 1;
	bool was_empty;

	job->next = NULL;
	(void)pthread_mutex_lock(&box->lock);
	was_empty = !box->first;
	*box->end = job;
	box->end = &job->next;
	(void)pthread_mutex_unlock(&box->lock);
	/* The counter cannot be full: it is written to from empty only. */
	if (was_empty && write(box->fd, &one, sizeof(one)) < 0)
		return;
}
