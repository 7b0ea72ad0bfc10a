/* soon.c - who watches is told anew, when what it was told before is on its
 * way: libsystemd wipes a message that is sent, but not the room of one that
 * had to grow for the next. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "roomd.h"

enum kk_err roomd_soon_add(struct roomd *d, sd_event_source **source,
    sd_event_handler_t tell)
{
	if (sd_event_add_defer(d->event, source, tell, d) < 0 ||
	    sd_event_source_set_enabled(*source, SD_EVENT_OFF) < 0 ||
	    sd_event_source_set_priority(*source,
		SD_EVENT_PRIORITY_NORMAL + 1) < 0)
		return KK_EIO;
	return KK_OK;
}

void roomd_soon(struct roomd *d, sd_event_source *source)
{
	if (source && sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "nobody is told");
}

void roomd_watcher_tell(struct roomd *d, sd_varlink *link, sd_json_variant *out)
{
	if (!call_notify(link, out))
		return;
	kk_log(&d->log, KK_LOG_WARNING, "a watcher is cut off");
	(void)sd_varlink_close(link);
}
