/* address.c - addresses as text, and our own. */
#include <nice/interfaces.h>
#include <string.h>

#include "pipelines/link/link_internal.h"

bool link_address_is_ok(const char *text)
{
	NiceAddress address;

	nice_address_init(&address);
	return text && nice_address_set_from_string(&address, text);
}

bool link_address_is_loopback(const char *text)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(text);

	return address && g_inet_address_get_is_loopback(address);
}

char **link_addresses_find(bool with_loopback)
{
	GList *found = nice_interfaces_get_local_ips(with_loopback);
	g_autoptr(GStrvBuilder) list = g_strv_builder_new();
	size_t count = 0;

	for (GList *l = found; l && count < LINK_ADDRESSES_MAX; l = l->next) {
		g_strv_builder_add(list, l->data);
		count++;
	}
	g_list_free_full(found, g_free);
	return g_strv_builder_end(list);
}
