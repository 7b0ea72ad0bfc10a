/* mount.c - the variables' file system, writable for this process alone. */
#define _GNU_SOURCE /* unshare() */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "handler.h"

/* What stays as it is; the two sets of names are the kernel's and POSIX's. */
static unsigned long flags_kept(const struct statvfs *st)
{
	return (st->f_flag & ST_NOSUID ? MS_NOSUID : 0UL) |
	    (st->f_flag & ST_NODEV ? MS_NODEV : 0UL) |
	    (st->f_flag & ST_NOEXEC ? MS_NOEXEC : 0UL);
}

/* Source: mount_namespaces(7), mount(2) on MS_BIND | MS_REMOUNT: the flag of
 * this mount goes, not that of the file system. */
void vars_writable_make(const char *folder, const struct kk_log *log)
{
	struct statvfs st;

	if (statvfs(folder, &st) || !(st.f_flag & ST_RDONLY))
		return;
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND | flags_kept(&st),
		NULL))
		kk_log(log, KK_LOG_INFO, "variables can be read alone (%s)",
		    strerror(errno));
}
