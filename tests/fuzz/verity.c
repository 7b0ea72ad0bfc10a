/*
 * verity.c - fuzzes the kernel's command line and block devices' uevents: what
 * is taken makes a table of the right form.
 */
#include <stdlib.h>
#include <string.h>

#include "verity/verity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct kk_view in = { data, bytes };
	char table[VERITY_TABLE_BYTES], device[VERITY_DEVICE_BYTES];
	struct verity_root root;

	if (!verity_uevent_device(in, device))
		must(strchr(device, ':') != NULL);
	else
		must(!device[0]);
	(void)verity_uevent_is(in, "root-a");
	if (verity_root_parse(&root, in))
		return 0;
	must(strlen(root.hash) == VERITY_HEX_BYTES - 1);
	must(strlen(root.salt) == VERITY_HEX_BYTES - 1);
	must(verity_sectors(&root) >= 8);
	must(!verity_table_write(&root, "1:1", VERITY_RUN, table,
	    sizeof(table)));
	must(strstr(table, root.hash) != NULL);
	return 0;
}
