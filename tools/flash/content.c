/* content.c - what is on a disk, in a few words. */
#include <blkid/blkid.h>
#include <stdio.h>
#include <string.h>

#include "tools/flash/flash.h"

enum { PARTS_SHOWN = 6 };

static void append(char *text, size_t room, const char *more)
{
	const size_t used = strlen(text);

	/* What others have named is shown as long as it is text. */
	if (kk_text_is_shown(kk_view_text(more)))
		(void)snprintf(text + used, room - used, "%s%s",
		    used > 0 ? " " : "", more);
}

static void value_append(blkid_probe probe, const char *name, char *text,
    size_t room)
{
	const char *value = NULL;

	if (blkid_probe_lookup_value(probe, name, &value, NULL) == 0 && value)
		append(text, room, value);
}

static void parts_append(blkid_probe probe, char *text, size_t room)
{
	blkid_partlist list = blkid_probe_get_partitions(probe);
	const int count = list ? blkid_partlist_numof_partitions(list) : 0;

	for (int i = 0; i < count && i < PARTS_SHOWN; i++) {
		const char *name = blkid_partition_get_name(
		    blkid_partlist_get_partition(list, i));

		append(text, room, name && *name ? name : "-");
	}
	if (count > PARTS_SHOWN)
		append(text, room, "...");
}

void flash_content_read(const char *path, char *text, size_t room)
{
	blkid_probe probe = blkid_new_probe_from_filename(path);

	text[0] = '\0';
	if (!probe)
		return;
	(void)blkid_probe_enable_superblocks(probe, 1);
	(void)blkid_probe_set_superblocks_flags(probe,
	    BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL);
	(void)blkid_probe_enable_partitions(probe, 1);
	if (blkid_do_safeprobe(probe) == 0) {
		value_append(probe, "PTTYPE", text, room);
		value_append(probe, "TYPE", text, room);
		value_append(probe, "LABEL", text, room);
	}
	parts_append(probe, text, room);
	blkid_free_probe(probe);
}
