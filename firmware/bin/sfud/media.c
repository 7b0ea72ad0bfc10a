/* media.c - the packets' half as a whole: clock, timer, what has changed. */
#define _GNU_SOURCE /* clock_gettime, time */
#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "media_internal.h"

enum {
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	SLACK_US = 2000,
	/* Nobody checks its dates (RFC 5763, 5: the fingerprint counts). */
	IDENTITY_LIFETIME_S = DTLS_LIFETIME_MAX_S
};

/* A clock that has never been set gives no certificate; 2026. */
static const uint64_t earliest_s = 1767225600;

uint64_t media_now_us(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / NS_PER_US;
}

enum kk_err media_random(void *to, size_t bytes)
{
	uint8_t *at = to;

	while (bytes > 0) {
		ssize_t n = getrandom(at, bytes, 0);

		if (n < 0 && errno != EINTR)
			return KK_ECRYPTO;
		if (n > 0) {
			at += n;
			bytes -= (size_t)n;
		}
	}
	return KK_OK;
}

/* --- what has changed ---------------------------------------------------- */

void media_changed(struct media_transport_state *t)
{
	struct media *media = t->media;

	if (t->is_changed)
		return;
	t->is_changed = true;
	t->changed_next = NULL;
	*media->changed_end = t;
	media->changed_end = &t->changed_next;
}

static struct media_transport_state *changed_take(struct media *media)
{
	struct media_transport_state *t = media->changed;

	if (!t)
		return NULL;
	media->changed = t->changed_next;
	if (!media->changed)
		media->changed_end = &media->changed;
	t->is_changed = false;
	return t;
}

/* The caller may free peers, and with them transports, while it is told. */
void media_settle(struct media *media)
{
	struct media_transport_state *t;

	media_out_flush(media);
	while ((t = changed_take(media))) {
		kk_log(media->config.log, KK_LOG_INFO,
		    "transport %s transport=%u",
		    t->phase == MEDIA_CONNECTED ? "connected" : "lost",
		    t->number);
		media->config.transport_changed(media->config.arg, t->peer,
		    t->number, t->phase == MEDIA_CONNECTED);
	}
}

/* --- timer --------------------------------------------------------------- */

void media_timer_wake(struct media *media)
{
	uint64_t us = media->path_count > 0 ? MEDIA_TICK_US :
					      MEDIA_IDLE_TICK_US;

	if (media->transport_count == 0)
		return;
	if (sd_event_source_set_time_relative(media->timer, us) < 0 ||
	    sd_event_source_set_enabled(media->timer, SD_EVENT_ONESHOT) < 0)
		kk_log(media->config.log, KK_LOG_ERROR, "no timer");
}

static int on_timer(sd_event_source *source, uint64_t at_us, void *arg)
{
	struct media *media = arg;
	struct media_transport_state *t, *next;
	uint64_t now_us = media_now_us();

	(void)source;
	(void)at_us;
	for (t = media->transports; t; t = next) {
		next = t->all_next;
		media_transport_tick(t, now_us);
	}
	media_loud_tick(media, now_us);
	media_wanted_tick(media, now_us);
	media_settle(media);
	media_timer_wake(media);
	return 0;
}

/* --- as a whole ---------------------------------------------------------- */

static enum kk_err identity_make(struct media *media)
{
	time_t now = time(NULL);

	media->identity_s = now > 0 ? (uint64_t)now : 0;
	if (media->identity_s < earliest_s)
		media->identity_s = earliest_s;
	return dtls_identity_new(&media->identity, DTLS_BACKEND_OPENSSL,
	    media->identity_s, IDENTITY_LIFETIME_S);
}

static enum kk_err timer_make(struct media *media)
{
	if (sd_event_add_time_relative(media->event, &media->timer,
		CLOCK_MONOTONIC, 0, SLACK_US, on_timer, media) < 0 ||
	    sd_event_source_set_enabled(media->timer, SD_EVENT_OFF) < 0)
		return KK_ENOMEM;
	return KK_OK;
}

static enum kk_err media_make(struct media *media,
    const struct media_config *config)
{
	const struct engine_config engines = { .log = config->log,
		.like = config->like ? config->like->engines : NULL };
	enum kk_err err = engine_set_new(&media->engines, &engines);

	if (!err)
		err = media_random(&media->seed, sizeof(media->seed));
	if (!err)
		err = identity_make(media);
	if (!err)
		err = media_addresses_copy(media, config->addresses,
		    config->address_count);
	if (!err)
		err = media_out_new(&media->out);
	if (!err)
		err = media_burst_new(&media->burst);
	if (!err)
		err = timer_make(media);
	return err ? err : media_sockets_open(media);
}

enum kk_err media_new(struct media **mediap, sd_event *event,
    const struct media_config *config)
{
	struct media *media = kk_calloc(1, sizeof(*media));
	enum kk_err err;

	if (!media)
		return KK_ENOMEM;
	media->config = *config;
	media->config.addresses = NULL;
	media->config.like = NULL;
	media->event = sd_event_ref(event);
	media->changed_end = &media->changed;
	media->sockets[MEDIA_V4].fd = media->sockets[MEDIA_V6].fd = -1;
	media->port = config->port;
	err = media_make(media, config);
	if (err) {
		media_free(media);
		return err;
	}
	*mediap = media;
	return KK_OK;
}

void media_free(struct media *media)
{
	if (!media)
		return;
	media_sockets_close(media);
	sd_event_source_disable_unref(media->timer);
	sd_event_unref(media->event);
	media_out_free(media->out);
	media_burst_free(media->burst);
	dtls_identity_free(media->identity);
	engine_set_free(media->engines);
	kk_free(media->addresses);
	kk_free(media);
}

uint16_t media_port(const struct media *media)
{
	return media->port;
}

struct media_counts media_counts(const struct media *media)
{
	struct media_counts counts = media->counts;

	counts.nacks = media->sfu_counts.nacks;
	counts.retransmissions = media->sfu_counts.retransmissions;
	counts.keyframe_requests = media->sfu_counts.keyframe_requests;
	counts.levels = media->sfu_counts.levels;
	counts.paths = media->sfu_counts.paths;
	return counts;
}

size_t media_engines(const struct media *media,
    struct engine_report reports[ENGINE_ENGINES_MAX])
{
	const size_t count = engine_set_count(media->engines);

	for (size_t i = 0; i < count; i++)
		engine_set_report(media->engines, i, &reports[i]);
	return count;
}
