/*
 * lookup.c - the addresses of servers that are given by name.
 *
 * libnice 0.1.22 would look them up as well, but asks a TURN server at port 0
 * then.  A name that takes too long counts as not found: nothing waits for it.
 */
#include "pipelines/link/link_internal.h"

enum { LOOKUP_MAX_MS = 1000 };

struct question {
	struct link *link;
	GCancellable *lookup; /* that it is of */
	size_t server;
};

static void question_free(struct question *q)
{
	g_object_unref(q->lookup);
	g_free(q);
}

static void end(struct link *link)
{
	link_timer_stop(&link->lookup.timer);
	if (link->lookup.is_open)
		link->lookup.done(link);
	link->lookup.is_open = false;
}

static gboolean is_late(gpointer arg)
{
	struct link *link = arg;

	g_cancellable_cancel(link->lookup.cancel);
	end(link);
	return G_SOURCE_REMOVE;
}

/* IPv4 first, as the forwarder's candidates have it: NULL where there is none.
 */
static char *address_choose(GList *found)
{
	GInetAddress *best = found ? found->data : NULL;

	for (GList *l = found; l; l = l->next) {
		if (g_inet_address_get_family(l->data) ==
		    G_SOCKET_FAMILY_IPV4) {
			best = l->data;
			break;
		}
	}
	return best ? g_inet_address_to_string(best) : NULL;
}

static void answered(GObject *resolver, GAsyncResult *result, gpointer arg)
{
	struct question *q = arg;
	struct link *link = q->link;
	const bool is_ours = q->lookup == link->lookup.cancel;
	const size_t server = q->server;
	GList *found = g_resolver_lookup_by_name_finish(G_RESOLVER(resolver),
	    result, NULL);
	char *address = address_choose(found);

	g_resolver_free_addresses(found);
	question_free(q);
	if (is_ours && address && link->lookup.is_open) {
		g_free((char *)link->servers[server].host);
		link->servers[server].host = g_steal_pointer(&address);
	}
	g_free(address);
	if (is_ours && --link->lookup.count == 0)
		end(link);
}

void link_lookup_start(struct link *link, void (*done)(struct link *link))
{
	g_autoptr(GResolver) resolver = g_resolver_get_default();
	struct link_lookup *lookup = &link->lookup;

	link_lookup_stop(link);
	link_lookup_clear(link);
	*lookup = (struct link_lookup){ .done = done,
		.is_open = true,
		.cancel = g_cancellable_new() };
	for (size_t i = 0; i < link->config.server_count; i++) {
		struct question *q;

		if (link_address_is_ok(link->servers[i].host))
			continue;
		q = g_new(struct question, 1);
		*q = (struct question){ link, g_object_ref(lookup->cancel), i };
		lookup->count++;
		g_resolver_lookup_by_name_async(resolver, link->servers[i].host,
		    lookup->cancel, answered, q);
	}
	if (lookup->count == 0)
		end(link);
	else
		lookup->timer = link_timer_start(link, LOOKUP_MAX_MS, is_late);
}

void link_lookup_stop(struct link *link)
{
	link->lookup.is_open = false;
	link_timer_stop(&link->lookup.timer);
	if (link->lookup.cancel)
		g_cancellable_cancel(link->lookup.cancel);
}

void link_lookup_clear(struct link *link)
{
	g_clear_object(&link->lookup.cancel);
}
