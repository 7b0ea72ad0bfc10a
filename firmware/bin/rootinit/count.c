/* count.c - this boot is counted, before anything of the disk is read. */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "efivars/efivars.h"
#include "rootinit.h"

#define VARIABLES "/sys/firmware/efi/efivars"

enum { MOUNT_FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC };

static void line_write(void *arg, enum kk_log_level level, const char *line)
{
	(void)arg;
	(void)level;
	rootinit_say("%s", line);
}

static enum kk_err count(void)
{
	const struct kk_log log = { .fn = line_write,
		.module = "boot",
		.level = KK_LOG_INFO };
	struct boot b = { .log = &log };
	struct efivars files;
	struct boot_vars vars;
	enum kk_err err = efivars_open(&files, VARIABLES);

	if (err)
		return err;
	vars = efivars_vars(&files);
	b.vars = &vars;
	err = facts_read("/proc/cmdline", "/proc/sys/kernel/random/boot_id",
	    &b);
	if (!err)
		err = boot_started(&b);
	efivars_close(&files);
	return err;
}

void boot_count(void)
{
	enum kk_err err;

	if (mount("efivarfs", VARIABLES, "efivarfs", MOUNT_FLAGS, NULL)) {
		rootinit_say("the firmware's variables: %s", strerror(errno));
		return;
	}
	err = count();
	if (err)
		rootinit_say("this boot is not counted: %s", kk_err_text(err));
	/* From now on who writes them makes the mount its own before
	 * (konklave-boot). */
	if (mount(NULL, VARIABLES, NULL,
		MS_REMOUNT | MS_BIND | MS_RDONLY | MOUNT_FLAGS, NULL))
		rootinit_say("the firmware's variables stay writable: %s",
		    strerror(errno));
}
