/* store.c - what a box keeps of its port. */
#define _GNU_SOURCE /* O_DIRECTORY, syncfs() */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "port.h"
#include "profile/profile.h"

#define SITE "/var/lib/konklave/site"
#define OPEN "/var/lib/konklave/credstore"
#define SEALED "/var/lib/konklave/credstore.encrypted"
#define KEY "port.key"

static const char name_option[] = "--name=" KEY;

enum { MODE_SEALED = 0700 };

static bool path_make(char out[PORT_PATH_BYTES], const char *root,
    const char *folder, const char *name)
{
	return snprintf(out, PORT_PATH_BYTES, "%s%s/%s", root, folder, name) <
	    PORT_PATH_BYTES;
}

/* What the unit that needs it gets as a credential is where those are. */
static const char *folder_of(const char *name)
{
	return strcmp(name, PORT_CERTIFICATE) ? SITE : OPEN;
}

enum kk_err port_read(const char *root, const char *name, struct kk_bytes *text)
{
	char path[PORT_PATH_BYTES];

	*text = (struct kk_bytes){ 0 };
	return path_make(path, root, folder_of(name), name) ?
	    program_file_read(path, PORT_FILE_BYTES, text) :
	    KK_EIO;
}

enum kk_err port_write(const char *root, const char *name, struct kk_view text)
{
	char path[PORT_PATH_BYTES];
	enum kk_err err;
	int folder;

	if (!path_make(path, root, folder_of(name), ""))
		return KK_EIO;
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return KK_EIO;
	err = program_file_write(folder, name, text);
	(void)close(folder);
	return err ? KK_EIO : KK_OK;
}

/* --- the key -------------------------------------------------------------- */

bool port_key_is_there(const char *root)
{
	char path[PORT_PATH_BYTES];
	struct stat st;

	return path_make(path, root, SEALED, KEY) && !stat(path, &st) &&
	    st.st_size > 0;
}

/* What does not open is not kept. */
static enum kk_err opens(const char *path, struct kk_view der)
{
	const char *const argv[] = { "systemd-creds", "decrypt", name_option,
		path, "-", NULL };
	uint8_t again[PORT_KEY_BYTES];
	size_t bytes = sizeof(again);
	enum kk_err err = port_program_run(argv, (struct kk_view){ 0 }, again,
	    &bytes);

	if (!err &&
	    (bytes != der.bytes || !kk_secret_equal(again, der.data, bytes)))
		err = KK_EIO;
	kk_wipe(again, sizeof(again));
	return err;
}

/* All of the file system first: also what systemd-creds has made for itself,
 * without which nobody could open this. */
static enum kk_err named(const char *from, const char *to)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	enum kk_err err = KK_EIO;

	if (fd >= 0 && !syncfs(fd) && !rename(from, to) && !syncfs(fd))
		err = KK_OK;
	if (fd >= 0)
		(void)close(fd);
	return err;
}

enum kk_err port_key_seal(const char *root, struct kk_view der)
{
	char path[PORT_PATH_BYTES], temporary[PORT_PATH_BYTES];
	const char *const argv[] = { "systemd-creds", "encrypt",
		"--with-key=host", name_option, "-", temporary, NULL };
	enum kk_err err;

	if (!path_make(path, root, SEALED, "") ||
	    (mkdir(path, MODE_SEALED) && errno != EEXIST) ||
	    !path_make(path, root, SEALED, KEY) ||
	    !path_make(temporary, root, SEALED, KEY PROGRAM_FILE_NEW))
		return KK_EIO;
	(void)unlink(temporary);
	err = port_program_run(argv, der, NULL, NULL);
	if (!err)
		err = opens(temporary, der);
	if (!err)
		err = named(temporary, path);
	if (err)
		(void)unlink(temporary);
	return err;
}

/* --- the profile ---------------------------------------------------------- */

enum kk_err port_identity(const char *root, char out[PORT_IDENTITY_BYTES])
{
	struct profile_problem problem;
	struct kk_bytes text;
	struct profile p;
	const char *who;
	enum kk_err err = port_read(root, "profile", &text);

	if (err)
		return err;
	if (profile_parse_stored(&p, kk_bytes_view(&text), &problem) ||
	    profile_check(&p, &problem))
		err = KK_EFORMAT;
	else if (!p.values[PROFILE_8021X][0])
		err = KK_ENOENT;
	who = p.values[p.values[PROFILE_8021X_IDENTITY][0] ?
		PROFILE_8021X_IDENTITY :
		PROFILE_NAME];
	if (!err)
		memcpy(out, who, PORT_IDENTITY_BYTES);
	kk_wipe(&p, sizeof(p));
	kk_bytes_clear(&text);
	return err;
}
