/* client.c - a subscription that is made again whenever it ends. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <time.h>

#include "pipelines/member/client.h"

enum { RETRY_US = 500000, SLACK_US = 50000 };

static void retry_later(struct client *c);

static void link_drop(struct client *c)
{
	sd_varlink *link = c->link;

	c->link = NULL;
	sd_varlink_close_unref(link);
}

static int subscription_told(sd_varlink *link, sd_json_variant *parameters,
    const char *error, sd_varlink_reply_flags_t flags, void *userdata)
{
	struct client *c = userdata;

	(void)link;
	if (!error)
		c->came(c->arg, parameters);
	if (!error && (flags & SD_VARLINK_REPLY_CONTINUES))
		return 0;
	kk_log(c->log, KK_LOG_WARNING, "subscription ended method=%s why=%s",
	    c->method, error ? error : "no more");
	link_drop(c);
	if (c->lost)
		c->lost(c->arg);
	retry_later(c);
	return 0;
}

static bool subscribe(struct client *c)
{
	if (sd_varlink_connect_address(&c->link, c->path) < 0) {
		c->link = NULL;
		return false;
	}
	(void)sd_varlink_set_userdata(c->link, c);
	if (sd_varlink_set_relative_timeout(c->link, UINT64_MAX) < 0 ||
	    sd_varlink_set_input_sensitive(c->link) < 0 ||
	    sd_varlink_bind_reply(c->link, subscription_told) < 0 ||
	    sd_varlink_attach_event(c->link, c->event, c->priority) < 0 ||
	    sd_varlink_observe(c->link, c->method, NULL) < 0) {
		link_drop(c);
		return false;
	}
	c->is_told = false;
	return true;
}

static int retry(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct client *c = arg;

	(void)source;
	(void)now_us;
	if (subscribe(c))
		return 0;
	if (!c->is_told)
		kk_log(c->log, KK_LOG_WARNING,
		    "nobody answers yet socket=%s; trying again", c->path);
	c->is_told = true;
	retry_later(c);
	return 0;
}

static void retry_later(struct client *c)
{
	if (sd_event_source_set_time_relative(c->retry, RETRY_US) < 0 ||
	    sd_event_source_set_enabled(c->retry, SD_EVENT_ONESHOT) < 0)
		(void)sd_event_exit(c->event, -1); /* we would be deaf */
}

enum kk_err client_start(struct client *client)
{
	return sd_event_add_time_relative(client->event, &client->retry,
		   CLOCK_MONOTONIC, 0, SLACK_US, retry, client) < 0 ?
	    KK_EIO :
	    KK_OK;
}

void client_stop(struct client *client)
{
	client->retry = sd_event_source_disable_unref(client->retry);
	link_drop(client);
}

enum kk_err client_ask(const struct client *client, sd_varlink **linkp,
    const char *method, sd_json_variant *in, sd_varlink_reply_t answered,
    void *arg)
{
	sd_varlink *link = NULL;

	if (sd_varlink_connect_address(&link, client->path) < 0)
		return KK_EIO;
	(void)sd_varlink_set_userdata(link, arg);
	if (sd_varlink_bind_reply(link, answered) < 0 ||
	    sd_varlink_attach_event(link, client->event, 0) < 0 ||
	    sd_varlink_invoke(link, method, in) < 0) {
		sd_varlink_close_unref(link);
		return KK_EIO;
	}
	*linkp = link;
	return KK_OK;
}
