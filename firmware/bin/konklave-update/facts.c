/* facts.c - which slot runs, which version, and whether it was confirmed. */
#include <stdio.h>
#include <string.h>

#include "driver.h"

enum { STATUS_BYTES = 1024, TEXT_BYTES = 16384 };

static enum boot_slot slot_named(const char *text, size_t length)
{
	for (size_t s = 0; s < BOOT_SLOTS; s++) {
		const char *name = boot_slot_name((enum boot_slot)s);

		if (strlen(name) == length && !strncmp(text, name, length))
			return (enum boot_slot)s;
	}
	return BOOT_NO_SLOT;
}

/* The words behind "NAME " at the beginning of a line, or NULL. */
static const char *line_find(const char *text, const char *name)
{
	const size_t length = strlen(name);

	while (*text) {
		if (!strncmp(text, name, length) && text[length] == ' ')
			return text + length + 1;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return NULL;
}

/* "good, 0 boots since it was confirmed" */
static enum kk_err running_parse(struct facts *f, const char *line)
{
	const size_t length = strcspn(line, ",\n");
	uint64_t boots;
	bool is_good;

	if (line[length] != ',' || line[length + 1] != ' ')
		return KK_EFORMAT;
	f->is_try = length == 6 && !strncmp(line, "trying", 6);
	is_good = length == 4 && !strncmp(line, "good", 4);
	line += length + 2;
	if (!program_number_take(&line, 0, BOOT_UNCONFIRMED_MAX, &boots))
		return KK_EFORMAT;
	f->is_confirmed = is_good && boots == 0;
	return KK_OK;
}

enum kk_err facts_status_parse(struct facts *f, const char *text)
{
	const char *running = line_find(text, "running"),
		   *floor = line_find(text, "floor"), *own;

	if (!running || !floor)
		return KK_EFORMAT;
	f->running = slot_named(running, strcspn(running, "\n"));
	if (f->running == BOOT_NO_SLOT)
		return KK_EFORMAT;
	if (!program_number_take(&floor, 0, UINT64_MAX, &f->floor) ||
	    *floor != '\n')
		return KK_EFORMAT;
	own = line_find(text, boot_slot_name(f->running));
	return own ? running_parse(f, own) : KK_EFORMAT;
}

/* The last one counts, as konklave-boot reads it. */
uint64_t facts_version_parse(const char *text)
{
	static const char name[] = "konklave.version=";
	uint64_t version = 0;

	while (*text) {
		const size_t length = strcspn(text, " \t\n");
		const char *at = text + sizeof(name) - 1;

		if (!strncmp(text, name, sizeof(name) - 1) &&
		    (!program_number_take(&at, 0, UINT64_MAX, &version) ||
			at != text + length))
			version = 0;
		text += length;
		text += strspn(text, " \t\n");
	}
	return version;
}

static bool is_board_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_';
}

enum kk_err facts_board_parse(char out[DRIVER_BOARD_BYTES], const char *text)
{
	static const char name[] = "IMAGE_ID=";
	size_t length = 0;
	int n;

	out[0] = '\0';
	while (strncmp(text, name, sizeof(name) - 1) != 0) {
		text = strchr(text, '\n');
		if (!text)
			return KK_EFORMAT;
		text++;
	}
	text += sizeof(name) - 1;
	while (is_board_letter(text[length]))
		length++;
	if (length == 0 || length > DRIVER_BOARD_BYTES ||
	    (text[length] != '\n' && text[length] != '\0'))
		return KK_EFORMAT;
	n = snprintf(out, DRIVER_BOARD_BYTES, "konklave-%.*s", (int)length,
	    text);
	if (n >= 0 && n < DRIVER_BOARD_BYTES)
		return KK_OK;
	out[0] = '\0';
	return KK_EFORMAT;
}

/* Files of /proc tell no size. */
static enum kk_err text_read(const char *path, char *out, size_t room_bytes)
{
	FILE *file = fopen(path, "re");
	size_t bytes;
	bool is_whole;

	if (!file)
		return KK_EIO;
	bytes = fread(out, 1, room_bytes - 1, file);
	is_whole = !ferror(file) && bytes < room_bytes - 1;
	(void)fclose(file);
	out[bytes] = '\0';
	return is_whole && strlen(out) == bytes ? KK_OK : KK_EIO;
}

static enum kk_err next_read(const struct driver_options *o, struct facts *f)
{
	const char *const argv[] = { o->boot, "get-primary", NULL };
	char text[STATUS_BYTES];
	const enum kk_err err = program_run(argv, text, sizeof(text));

	if (!err)
		f->next = slot_named(text, strcspn(text, "\n"));
	return err;
}

enum kk_err facts_read(const struct driver_options *o, struct facts *f)
{
	const char *const argv[] = { o->boot, "status", NULL };
	char text[TEXT_BYTES];
	enum kk_err err;

	*f = (struct facts){ .running = BOOT_NO_SLOT, .next = BOOT_NO_SLOT };
	err = text_read(o->boot_id, f->boot_id, sizeof(f->boot_id));
	f->boot_id[strcspn(f->boot_id, "\n")] = '\0';
	if (!err)
		err = text_read(o->cmdline, text, sizeof(text));
	if (err)
		return err;
	f->version = facts_version_parse(text);
	err = program_run(argv, text, sizeof(text));
	if (!err)
		err = facts_status_parse(f, text);
	/* Before the first boot entry there is no next slot. */
	if (!err)
		(void)!next_read(o, f);
	return err;
}

enum kk_err facts_board_read(const struct driver_options *o,
    char out[DRIVER_BOARD_BYTES])
{
	char text[TEXT_BYTES];
	const enum kk_err err = text_read(o->os_release, text, sizeof(text));

	return err ? err : facts_board_parse(out, text);
}
