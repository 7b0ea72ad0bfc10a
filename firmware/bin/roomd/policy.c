/* policy.c - what the site says of classifications: which there are, and under
 * which telephone lines may be. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "roomd.h"

static const struct roomd_label *label_find(const struct roomd_options *o,
    const char *text)
{
	for (size_t i = 0; i < o->label_count; i++) {
		if (!strcmp(o->labels[i].text, text))
			return &o->labels[i];
	}
	return NULL;
}

const char *roomd_label_add(struct roomd_options *o, const char *text,
    bool allows_lines)
{
	const struct kk_view view = kk_view_text(text);

	if (view.bytes == 0 || view.bytes > CONFERENCE_LABEL_BYTES ||
	    !kk_text_is_shown(view))
		return "not 1 to 64 bytes of text";
	if (label_find(o, text))
		return "given twice";
	if (o->label_count == ROOMD_LABELS_MAX)
		return "too many";
	o->labels[o->label_count++] = (struct roomd_label){ text,
		allows_lines };
	return NULL;
}

bool roomd_label_may(const struct roomd_options *o, const char *text)
{
	return o->label_count == 0 || !text[0] || label_find(o, text);
}

bool roomd_label_allows(const struct roomd_options *o, const char *text)
{
	const struct roomd_label *l = label_find(o, text);

	return o->label_count == 0 || !text[0] || (l && l->allows_lines);
}
