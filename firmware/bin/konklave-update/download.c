/* download.c - a bundle from a site's server: konklave-fetch loads it, and when
 * all of it is there it is installed as any other file. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "driver.h"

static void ended(struct driver *d, enum update_reason why)
{
	struct download *n = &d->download;

	d->fetcher = sd_varlink_close_unref(d->fetcher);
	n->rate = 0;
	n->says = why;
	n->state = why == UPDATE_SAYS_NOTHING ? UPDATE_FETCH_READY :
						UPDATE_FETCH_NONE;
	kk_log(&d->log, KK_LOG_INFO, "download ended says=%s version=%llu",
	    update_reason_name(why), (unsigned long long)n->offered);
	/* What is not wanted takes no room. */
	if (why == UPDATE_SAYS_SAME || why == UPDATE_SAYS_OLDER ||
	    why == UPDATE_SAYS_FAILED_BEFORE)
		download_drop(d);
	driver_pump(d);
}

/* Its last answer is not followed by others. */
static int told(sd_varlink *link, sd_json_variant *in, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct driver *d = arg;
	struct download *n = &d->download;

	(void)link;
	if (error || download_parse(n, in)) {
		ended(d, UPDATE_SAYS_NO_FETCHER);
		return 0;
	}
	if (!(flags & SD_VARLINK_REPLY_CONTINUES)) {
		ended(d, n->says);
		return 0;
	}
	/* Only the end says that it is ready. */
	n->says = UPDATE_SAYS_NOTHING;
	if (n->state != UPDATE_FETCH_LOADING)
		n->state = UPDATE_FETCH_LOOKING;
	told_update(d);
	return 0;
}

static enum kk_err ask_put(const struct driver *d, const char *url,
    sd_json_variant **in)
{
	enum kk_err err = call_put_text(in, "board", d->board);

	if (!err)
		err = call_put_u64(in, "version", d->facts.version);
	if (!err)
		err = call_put_u64(in, "floor", d->facts.floor);
	if (!err && url[0])
		err = call_put_text(in, "url", url);
	if (!err && d->download.is_automatic && d->failed)
		err = call_put_u64(in, "except", d->failed);
	return err;
}

static int link_open(struct driver *d, sd_json_variant *in)
{
	int r = sd_varlink_connect_address(&d->fetcher, d->options.fetch);

	if (r < 0)
		return r;
	sd_varlink_set_userdata(d->fetcher, d);
	r = sd_varlink_bind_reply(d->fetcher, told);
	if (r >= 0)
		r = sd_varlink_set_relative_timeout(d->fetcher, UINT64_MAX);
	if (r >= 0)
		r = sd_varlink_attach_event(d->fetcher, d->event,
		    SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = sd_varlink_observe(d->fetcher, "io.konklave.Fetch.Fetch",
		    in);
	return r;
}

void download_begin(struct driver *d, const char *url, bool is_automatic)
{
	sd_json_variant *in = NULL;
	bool is_asked;

	download_end(d, UPDATE_SAYS_NOTHING);
	d->download = (struct download){ .is_automatic = is_automatic };
	is_asked = !ask_put(d, url, &in) && link_open(d, in) >= 0;
	sd_json_variant_unref(in);
	if (is_asked)
		d->download.state = UPDATE_FETCH_LOOKING;
	else
		ended(d, UPDATE_SAYS_NO_FETCHER);
}

bool download_is_under_way(const struct driver *d)
{
	return d->download.state == UPDATE_FETCH_LOOKING ||
	    d->download.state == UPDATE_FETCH_LOADING;
}

/* Who loads sees that we are gone, and ends. */
bool download_end(struct driver *d, enum update_reason why)
{
	const bool was_on = d->download.state != UPDATE_FETCH_NONE;

	d->fetcher = sd_varlink_close_unref(d->fetcher);
	d->download.state = UPDATE_FETCH_NONE;
	if (was_on)
		d->download.says = why;
	d->download.rate = 0;
	return was_on;
}

void download_clear(struct driver *d)
{
	if (d->download.state == UPDATE_FETCH_NONE)
		d->download = (struct download){ 0 };
}

void download_drop(struct driver *d)
{
	sd_varlink *link = NULL;

	if (sd_varlink_connect_address(&link, d->options.fetch) < 0 ||
	    sd_varlink_send(link, "io.konklave.Fetch.Drop", NULL) < 0)
		kk_log(&d->log, KK_LOG_WARNING,
		    "what was downloaded is not removed");
	(void)sd_varlink_flush_close_unref(link);
}

void download_try(struct driver *d)
{
	const size_t bytes = strlen(d->options.fetched) + 1;

	if (d->download.state != UPDATE_FETCH_READY || !driver_may_begin(d) ||
	    bytes > sizeof(d->path))
		return;
	d->download.state = UPDATE_FETCH_NONE;
	d->offered = 0;
	driver_source_set(d, d->options.fetched, -1);
	d->is_automatic = d->download.is_automatic;
	d->is_downloaded = true;
	(void)driver_event(d, UPDATE_ASKED);
}

/* A meeting has begun meanwhile: it is checked again after that. */
void download_checked(struct driver *d, enum update_reason why)
{
	if (!d->is_downloaded)
		return;
	d->is_downloaded = false;
	if (why == UPDATE_SAYS_NOTHING && update_is_in_meeting(d->machine))
		d->download.state = UPDATE_FETCH_READY;
	else
		download_drop(d);
}
