/* facts.c - which slot runs, which version, which boot this is. */
#include <stdio.h>
#include <string.h>

#include "efivars/efivars.h"

enum { CMDLINE_BYTES = 16384, ID_FILE_BYTES = 64 };

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 32 digits, - between some of them, in the order in which they stand. */
static enum kk_err id_parse(const char *text, uint8_t id[16])
{
	size_t digits = 0;

	memset(id, 0, 16);
	for (; *text && *text != '\n'; text++) {
		const int digit = digit_of(*text);

		if (*text == '-')
			continue;
		if (digit < 0 || digits == 32)
			return KK_EFORMAT;
		id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | digit);
		digits++;
	}
	return digits == 32 ? KK_OK : KK_EFORMAT;
}

static void swap(uint8_t *a, uint8_t *b)
{
	const uint8_t was = *a;

	*a = *b;
	*b = was;
}

/* UEFI 2.10, appendix A: the first three fields are little-endian. */
enum kk_err facts_guid_parse(const char *text, uint8_t guid[16])
{
	const enum kk_err err = id_parse(text, guid);

	if (err)
		return err;
	swap(&guid[0], &guid[3]);
	swap(&guid[1], &guid[2]);
	swap(&guid[4], &guid[5]);
	swap(&guid[6], &guid[7]);
	return KK_OK;
}

/* 0: no decimal number, or too large. */
static uint64_t number_parse(const char *text, const char *end)
{
	uint64_t n = 0;

	for (; text < end; text++) {
		const uint64_t digit = (uint64_t)*text - '0';

		if (*text < '0' || *text > '9' || n > (UINT64_MAX - digit) / 10)
			return 0;
		n = n * 10 + digit;
	}
	return n;
}

static void word_take(const char *word, size_t length, enum boot_slot *running,
    uint64_t *version)
{
	static const char slot[] = "konklave.slot=",
			  number[] = "konklave.version=";
	const char *end = word + length;

	if (length == sizeof(slot) && !strncmp(word, slot, sizeof(slot) - 1)) {
		*running = end[-1] == 'a' ? BOOT_A :
		    end[-1] == 'b'        ? BOOT_B :
					    BOOT_NO_SLOT;
	} else if (length > sizeof(number) - 1 &&
	    !strncmp(word, number, sizeof(number) - 1)) {
		*version = number_parse(word + sizeof(number) - 1, end);
	}
}

void facts_cmdline_parse(const char *text, enum boot_slot *running,
    uint64_t *version)
{
	*running = BOOT_NO_SLOT;
	*version = 0;
	while (*text) {
		const size_t length = strcspn(text, " \t\n");

		word_take(text, length, running, version);
		text += length;
		text += strspn(text, " \t\n");
	}
}

/* Files of /proc tell no size. */
static enum kk_err text_read(const char *path, char *out, size_t room)
{
	FILE *file = fopen(path, "re");
	size_t bytes;
	bool is_whole;

	if (!file)
		return KK_EIO;
	bytes = fread(out, 1, room - 1, file);
	is_whole = !ferror(file) && bytes < room - 1;
	(void)fclose(file);
	out[bytes] = '\0';
	return is_whole && strlen(out) == bytes ? KK_OK : KK_EIO;
}

enum kk_err facts_read(const char *cmdline_path, const char *boot_id_path,
    struct boot *b)
{
	char cmdline[CMDLINE_BYTES], id[ID_FILE_BYTES];
	enum kk_err err = text_read(cmdline_path, cmdline, sizeof(cmdline));

	if (!err)
		err = text_read(boot_id_path, id, sizeof(id));
	if (err)
		return err;
	facts_cmdline_parse(cmdline, &b->running, &b->version);
	return id_parse(id, b->boot_id);
}
