/*
 * begin.c - a new CA's folder is made as FOLDER.new, and gets its name when all
 * is in it: a CA is there whole or not at all.
 */
#define _GNU_SOURCE /* O_DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program/program.h"
#include "tools/pki/pki.h"

/* Without slashes at the end: ".new" goes there. */
static enum kk_err path_make(struct pki *p, const char *ending,
    char path[PKI_PATH_BYTES])
{
	size_t bytes = strlen(p->o.folder);
	int n;

	while (bytes > 1 && p->o.folder[bytes - 1] == '/')
		bytes--;
	n = snprintf(path, PKI_PATH_BYTES, "%.*s%s", (int)bytes, p->o.folder,
	    ending);
	if (n < 0 || n >= PKI_PATH_BYTES || !strcmp(path, ".new") ||
	    !strcmp(path, "..new") || !strcmp(path, "...new"))
		return pki_fail(p, PKI_USAGE, PKI_BAD_OPEN, p->o.folder,
		    "--ca=FOLDER");
	return KK_OK;
}

/* What an init that was killed has left: its key signed for nobody. */
static void left_remove(int folder)
{
	static const char *const files[] = { "ca.key", "ca.token", "ca.pem",
		"crl.pem", "index.txt", "log.txt" };
	char fresh[32];

	for (size_t i = 0; i < KK_ARRAY_LEN(files); i++) {
		(void)snprintf(fresh, sizeof(fresh), "%s" PROGRAM_FILE_NEW,
		    files[i]);
		(void)unlinkat(folder, files[i], 0);
		(void)unlinkat(folder, fresh, 0);
	}
}

static enum kk_err folder_fill(struct pki *p)
{
	if (flock(p->folder, LOCK_EX | LOCK_NB))
		return pki_fail(p, PKI_BUSY, PKI_BAD_BUSY, p->o.folder, NULL);
	p->is_locked = true;
	left_remove(p->folder);
	if (mkdirat(p->folder, "issued", 0700) && errno != EEXIST)
		return pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, "issued",
		    strerror(errno));
	p->issued = openat(p->folder, "issued",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (p->issued < 0)
		return pki_fail(p, PKI_FAILED, PKI_BAD_OPEN, "issued",
		    strerror(errno));
	return pki_folder_write(p, "log.txt", (struct kk_view){ 0 });
}

enum kk_err pki_folder_begin(struct pki *p)
{
	char path[PKI_PATH_BYTES], fresh[PKI_PATH_BYTES];
	enum kk_err err = path_make(p, "", path);

	if (!err)
		err = path_make(p, ".new", fresh);
	if (err)
		return err;
	/* rmdir() tells an empty folder, which may be taken, from a full one.
	 */
	if (rmdir(path) && errno != ENOENT)
		return pki_fail(p, PKI_REFUSED, PKI_BAD_EXISTS, path, NULL);
	if (mkdir(fresh, 0700) && errno != EEXIST)
		return pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, fresh,
		    strerror(errno));
	p->folder = open(fresh,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (p->folder < 0)
		return pki_fail(p, PKI_FAILED, PKI_BAD_OPEN, fresh,
		    strerror(errno));
	return folder_fill(p);
}

enum kk_err pki_folder_finish(struct pki *p)
{
	char path[PKI_PATH_BYTES], fresh[PKI_PATH_BYTES];
	enum kk_err err = path_make(p, "", path);
	int parent;

	if (!err)
		err = path_make(p, ".new", fresh);
	if (err)
		return err;
	if (fsync(p->issued) || fsync(p->folder) || rename(fresh, path))
		return pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, path,
		    strerror(errno));
	parent = openat(p->folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || fsync(parent))
		err = pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, path,
		    strerror(errno));
	if (parent >= 0)
		(void)close(parent);
	return err;
}
