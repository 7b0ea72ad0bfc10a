/* tried.c - what was installed and is to be tried: one line, over restarts. */
#define _GNU_SOURCE /* unlinkat(), faccessat() */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

static const char file_name[] = "tried", failed_name[] = "failed";

/* "a 12 BOOT-ID\n" */
enum kk_err tried_parse(struct tried *t, const char *text)
{
	size_t length;

	*t = (struct tried){ .slot = BOOT_NO_SLOT };
	if ((text[0] != 'a' && text[0] != 'b') || text[1] != ' ')
		return KK_EFORMAT;
	t->slot = text[0] == 'a' ? BOOT_A : BOOT_B;
	text += 2;
	if (!program_number_take(&text, 1, UINT64_MAX, &t->version) ||
	    *text != ' ')
		return KK_EFORMAT;
	text++;
	length = strcspn(text, "\n");
	if (length == 0 || length >= sizeof(t->boot_id) ||
	    strcmp(text + length, "\n") != 0)
		return KK_EFORMAT;
	memcpy(t->boot_id, text, length);
	t->boot_id[length] = '\0';
	return KK_OK;
}

enum kk_err tried_read(int folder, struct tried *t)
{
	char text[TRIED_BYTES] = "";
	struct kk_bytes file;
	enum kk_err err;

	if (faccessat(folder, file_name, F_OK, AT_SYMLINK_NOFOLLOW))
		return KK_ENOENT;
	err = program_file_read_in(folder, file_name, TRIED_BYTES - 1, &file);
	if (err)
		return err;
	if (file.bytes)
		memcpy(text, file.data, file.bytes);
	kk_bytes_clear(&file);
	return tried_parse(t, text);
}

enum kk_err tried_write(int folder, const struct tried *t)
{
	char text[TRIED_BYTES];
	const int n = snprintf(text, sizeof(text), "%s %ju %s\n",
	    boot_slot_name(t->slot), (uintmax_t)t->version, t->boot_id);

	if (n < 0 || (size_t)n >= sizeof(text))
		return KK_EIO;
	return program_file_write(folder, file_name, kk_view_text(text));
}

/* One that stays is found at the next start, and removed then. */
void tried_remove(int folder)
{
	if (!unlinkat(folder, file_name, 0))
		(void)fsync(folder);
}

/* "12\n" */
uint64_t failed_parse(const char *text)
{
	uint64_t version = 0;

	return program_number_take(&text, 1, UINT64_MAX, &version) &&
		!strcmp(text, "\n") ?
	    version :
	    0;
}

uint64_t failed_read(int folder)
{
	char text[TRIED_BYTES] = "";
	struct kk_bytes file;

	if (program_file_read_in(folder, failed_name, TRIED_BYTES - 1, &file))
		return 0;
	if (file.bytes)
		memcpy(text, file.data, file.bytes);
	kk_bytes_clear(&file);
	return failed_parse(text);
}

enum kk_err failed_write(int folder, uint64_t version)
{
	char text[TRIED_BYTES];

	(void)snprintf(text, sizeof(text), "%ju\n", (uintmax_t)version);
	return program_file_write(folder, failed_name, kk_view_text(text));
}
