/* write.c - a profile as a text. */
#include <stdio.h>
#include <string.h>

#include "profile/profile_private.h"

enum { KEY_ROOM = 32 }; /* a key's name, " = " and the end of its line */

static size_t room_of(const struct profile *p)
{
	size_t room = (size_t)PROFILE_KEYS * (PROFILE_VALUE_MAX + KEY_ROOM) + 1;

	for (size_t i = 0; i < p->other_count; i++)
		room += p->others[i].line.bytes + 1;
	for (unsigned i = 0; i < PROFILE_PARTS; i++)
		room += KEY_ROOM + p->parts[i].bytes + 1;
	return room;
}

/* Ends in a line's end. */
static size_t put(char *at, struct kk_view v)
{
	memcpy(at, v.data, v.bytes);
	if (v.data[v.bytes - 1] == '\n')
		return v.bytes;
	at[v.bytes] = '\n';
	return v.bytes + 1;
}

static size_t others_put(char *at, const struct profile *p, bool are_parts)
{
	const char *const begin = at;

	for (size_t i = 0; i < p->other_count; i++) {
		if ((p->others[i].line.data[0] == '[') == are_parts)
			at += put(at, p->others[i].line);
	}
	return (size_t)(at - begin);
}

enum kk_err profile_write(const struct profile *p, struct kk_bytes *out)
{
	const size_t room = room_of(p);
	char *text = kk_calloc(1, room);
	size_t at = 0;

	*out = (struct kk_bytes){ NULL, 0 };
	if (!text)
		return KK_ENOMEM;
	for (unsigned i = 0; i < PROFILE_KEYS; i++) {
		if (p->values[i][0])
			at += (size_t)snprintf(text + at, room - at,
			    "%s = %s\n", profile_key_name(i), p->values[i]);
	}
	at += others_put(text + at, p, false);
	for (unsigned i = 0; i < PROFILE_PARTS; i++) {
		if (p->parts[i].bytes == 0)
			continue;
		at += put(text + at, kk_view_text(profile_part_header(i)));
		at += put(text + at, p->parts[i]);
	}
	at += others_put(text + at, p, true);
	*out = (struct kk_bytes){ (uint8_t *)text, at };
	return KK_OK;
}
