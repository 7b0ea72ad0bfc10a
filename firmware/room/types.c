/* types.c - names. */
#include <string.h>

#include "room/types.h"

static const char *const source_names[ROOM_SOURCE_COUNT] = { "microphone",
	"camera", "screen" };

static const char *const error_names[ROOM_ERROR_COUNT] = {
	[ROOM_ERROR_NONE] = "none",
	[ROOM_ERROR_VERSION] = "version",
	[ROOM_ERROR_FORMAT] = "format",
	[ROOM_ERROR_LIMIT] = "limit",
	[ROOM_ERROR_BUSY] = "busy",
	[ROOM_ERROR_STATE] = "state",
	[ROOM_ERROR_DENIED] = "denied",
	[ROOM_ERROR_UNKNOWN_MEETING] = "unknown-meeting",
	[ROOM_ERROR_FULL] = "full",
	[ROOM_ERROR_STALE] = "stale",
	[ROOM_ERROR_UNKNOWN] = "unknown",
	[ROOM_ERROR_INTERNAL] = "internal",
};

bool room_peer_equal(const struct room_peer_id *a, const struct room_peer_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

const char *room_source_name(enum room_source source)
{
	return (size_t)source < ROOM_SOURCE_COUNT ? source_names[source] :
						    "none";
}

const char *room_kind_name(bool is_audio)
{
	return is_audio ? "audio" : "video";
}

bool room_source_is_audio(enum room_source source)
{
	return source == ROOM_MICROPHONE;
}

enum room_source room_source_of(const char *name)
{
	for (int i = 0; i < ROOM_SOURCE_COUNT; i++) {
		if (!strcmp(source_names[i], name))
			return (enum room_source)i;
	}
	return ROOM_SOURCE_COUNT;
}

const char *room_error_name(enum room_error error)
{
	return (size_t)error < ROOM_ERROR_COUNT ? error_names[error] :
						  "unknown";
}
