/* judge.c - what was seen of a call, and what is wrong with it. */
#include "pipelines/loopback/loopback.h"
#include "pipelines/loopback/tune.h"

const char *loopback_part_name(enum loopback_part part)
{
	static const char *const names[LOOPBACK_PARTS] = {
		[LOOPBACK_NOTHING] = "nothing",
		[LOOPBACK_FORWARDER] = "forwarder",
		[LOOPBACK_MEETING] = "meeting",
		[LOOPBACK_GROUP] = "group",
		[LOOPBACK_WAY] = "way",
		[LOOPBACK_KEYS] = "keys",
		[LOOPBACK_SEAL] = "seal",
		[LOOPBACK_SOUND] = "sound",
		[LOOPBACK_PICTURE] = "picture",
	};

	return names[part];
}

static const struct loopback_verdict nothing = { LOOPBACK_NOTHING, "" };

struct loopback_verdict loopback_broken(const struct loopback_seen *seen)
{
	if (seen->readable > 0)
		return (struct loopback_verdict){ LOOPBACK_SEAL,
			"what the forwarder gets can be read without the key" };
	if (seen->refused > 0 && seen->opened > 0)
		return (struct loopback_verdict){ LOOPBACK_SEAL,
			"a frame was changed on its way" };
	return nothing;
}

struct loopback_verdict loopback_missing(const struct loopback_seen *seen)
{
	const struct {
		bool is_missing;
		struct loopback_verdict verdict;
	} rows[] = {
		{ seen->frames == 0,
		    { LOOPBACK_WAY, "nothing comes through the forwarder" } },
		{ seen->opened == 0,
		    { LOOPBACK_KEYS, "what comes is not opened by the key" } },
		{ seen->sound_percent < TUNE_HEARD_PERCENT,
		    { LOOPBACK_SOUND, "it does not come back" } },
		{ !seen->has_picture,
		    { LOOPBACK_PICTURE, "it does not come back" } },
		{ seen->pictures < LOOPBACK_PICTURES,
		    { LOOPBACK_PICTURE, "it stands still" } },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		if (rows[i].is_missing)
			return rows[i].verdict;
	}
	return nothing;
}
