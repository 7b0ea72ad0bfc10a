/* devices.c - a room's camera, sound and screen: what a profile says of them.
 */
#include <string.h>

#include "profile/files_private.h"

enum { WORDS_BYTES_MAX = 64 };

static const char automatic[] = "auto", none[] = "none";

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

bool profile_is_device(const char *text)
{
	const char *at = text;

	while (*at && !is_plain(*at))
		at++;
	return *at && strlen(text) <= WORDS_BYTES_MAX &&
	    kk_text_is_shown(kk_view_text(text));
}

bool profile_is_screen_size(const char *text)
{
	return !strcmp(text, automatic) || !strcmp(text, "1280x720") ||
	    !strcmp(text, "1920x1080");
}

/* Between its words is what neither a unit's file nor kk_text_has_words()
 * takes for anything. */
static void words_add(struct profile_text *t, const char *words)
{
	for (; *words; words++)
		profile_text_add(t, "%c", is_plain(*words) ? *words : '-');
}

static void device_add(struct profile_text *t, const struct profile *p,
    enum profile_key key, const char *option)
{
	const char *value = p->values[key];
	const char *kind = key == PROFILE_CAMERA ? "v4l2:auto" : "alsa:auto";

	if (!*value)
		return;
	profile_text_add(t, " --%s=", option);
	if (!strcmp(value, none)) {
		profile_text_add(t, "%s", none);
		return;
	}
	profile_text_add(t, "%s", kind);
	if (strcmp(value, automatic) != 0) {
		profile_text_add(t, ":");
		words_add(t, value);
	}
}

void profile_devices_add(struct profile_text *t, const struct profile *p)
{
	const size_t before = t->at;
	size_t begun;

	profile_text_add(t, "MEDIAD_CHOSEN=\"");
	begun = t->at;
	device_add(t, p, PROFILE_CAMERA, "camera");
	device_add(t, p, PROFILE_MICROPHONE, "microphone");
	device_add(t, p, PROFILE_LOUDSPEAKER, "loudspeaker");
	if (profile_has(p, PROFILE_SCREEN_SIZE))
		profile_text_add(t, " --size=%s",
		    p->values[PROFILE_SCREEN_SIZE]);
	if (t->at == begun)
		t->at = before;
	else
		profile_text_add(t, "\"\n");
}
