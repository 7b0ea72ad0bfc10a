/* reset.c - the word of a factory reset, in the partition "key". */
#define _GNU_SOURCE /* O_CLOEXEC, pread() */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

/* One block of any disk, so it is written whole or not at all. */
enum { WORD_AT = 4096, WORD_BYTES = 4096, TEXT_MAX = 64 };

static const char word[] = "KKRESET1"; /* also in /usr/lib/konklave/data */

static int key_open(const char *root)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/dev/disk/konklave/key", root) >=
	    (int)sizeof(path))
		return -1;
	return open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
}

enum kk_err reset_mark(const char *root, bool is_wanted)
{
	uint8_t block[WORD_BYTES] = { 0 };
	int fd = key_open(root);
	enum kk_err err = KK_EIO;

	if (fd < 0)
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	if (is_wanted)
		memcpy(block, word, sizeof(word) - 1);
	if (pwrite(fd, block, sizeof(block), WORD_AT) ==
		(ssize_t)sizeof(block) &&
	    !fsync(fd))
		err = KK_OK;
	(void)close(fd);
	return err;
}

/* A line of the kernel's, without its end; "" where there is none. */
static void line_read(const char *root, const char *name, char out[TEXT_MAX])
{
	char path[PATH_MAX];
	FILE *file;

	out[0] = '\0';
	if (snprintf(path, sizeof(path), "%s%s", root, name) >=
	    (int)sizeof(path))
		return;
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(out, TEXT_MAX, file))
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	(void)fclose(file);
}

bool reset_code(const char *root, char code[RESET_CODE_BYTES])
{
	char id[TEXT_MAX];

	line_read(root, "/proc/sys/kernel/random/boot_id", id);
	if (strlen(id) < RESET_CODE_BYTES)
		return false;
	memcpy(code, id, RESET_CODE_BYTES - 1);
	code[RESET_CODE_BYTES - 1] = '\0';
	return true;
}

/* "erase UUID", as the firmware's setup shows it. */
bool reset_is_asked(const char *root, struct kk_view text)
{
	char uuid[TEXT_MAX], asked[2 * TEXT_MAX];

	line_read(root, "/sys/class/dmi/id/product_uuid", uuid);
	while (text.bytes > 0 &&
	    (text.data[text.bytes - 1] == '\n' ||
		text.data[text.bytes - 1] == '\r'))
		text.bytes--;
	(void)snprintf(asked, sizeof(asked), "erase %s", uuid);
	return uuid[0] && kk_view_equal(text, kk_view_text(asked));
}
