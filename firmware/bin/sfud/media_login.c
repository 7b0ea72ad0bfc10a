/* media_login.c - the credentials of transports, found by their first part. */
#include <string.h>

#include "media_internal.h"

static struct media_login **bucket_of(const struct media *media,
    struct kk_view ufrag)
{
	return (struct media_login **)&media
	    ->by_ufrag[media_hash(media, ufrag.data, ufrag.bytes) &
		(MEDIA_BUCKETS - 1)];
}

struct media_login *media_login_find(const struct media *media,
    struct kk_view ufrag)
{
	struct media_login *login = *bucket_of(media, ufrag);

	while (login && !kk_view_equal(kk_view_text(login->ufrag), ufrag))
		login = login->next;
	return login;
}

/* Characters of RFC 8839, 5.4: ice-char. */
static enum kk_err text_make(char *to, size_t room_bytes)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t random[MEDIA_PWD_BYTES];
	enum kk_err err = media_random(random, room_bytes - 1);

	for (size_t i = 0; !err && i + 1 < room_bytes; i++)
		to[i] = set[random[i] % 64];
	kk_wipe(random, sizeof(random));
	return err;
}

enum kk_err media_login_make(struct media_login *login,
    struct media_transport_state *t)
{
	struct media_login made = { .transport = t }, **bucket;
	enum kk_err err = text_make(made.ufrag, sizeof(made.ufrag));

	if (!err)
		err = text_make(made.pwd, sizeof(made.pwd));
	if (!err) {
		media_login_forget(login);
		bucket = bucket_of(t->media, kk_view_text(made.ufrag));
		made.next = *bucket;
		*login = made;
		*bucket = login;
	}
	kk_wipe(&made, sizeof(made));
	return err;
}

static struct media_login **place_of(const struct media_login *login)
{
	struct media_login **at = bucket_of(login->transport->media,
	    kk_view_text(login->ufrag));

	while (*at != login)
		at = &(*at)->next;
	return at;
}

void media_login_use(struct media_login *login)
{
	struct media_transport_state *t = login->transport;

	if (login != &t->next_login)
		return;
	media_login_forget(&t->login);
	*place_of(login) = &t->login;
	t->login = *login;
	kk_wipe(login, sizeof(*login));
}

void media_login_forget(struct media_login *login)
{
	if (!login->transport)
		return;
	*place_of(login) = login->next;
	kk_wipe(login, sizeof(*login));
}
