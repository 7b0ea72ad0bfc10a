/*
 * folder.c - a CA's folder, so that a process may be killed at any moment.
 *
 * A certificate becomes one in a single step: it lies as issued/SERIAL.new on
 * the disk, then index.txt is replaced by one with its line, then it gets its
 * name.  Where the line is, what is left is the last step; where it is not, the
 * certificate was never issued, and goes.
 */
#define _GNU_SOURCE /* O_DIRECTORY, O_PATH */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program/program.h"
#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

enum { FILE_MAX_BYTES = 4 * 1024 * 1024, NEW_BYTES = 4 };

#define INDEX "index.txt"
#define LOG "log.txt"
#define ISSUED "issued"

/* In a certificate's place until it is one. */
static void staged_name(const char *serial, const char *ending,
    char name[PKI_SERIAL_TEXT + NEW_BYTES])
{
	(void)snprintf(name, PKI_SERIAL_TEXT + NEW_BYTES, "%s%s", serial,
	    ending);
}

static enum kk_err step_last(struct pki *p, const char *serial)
{
	char from[PKI_SERIAL_TEXT + NEW_BYTES], to[PKI_SERIAL_TEXT + NEW_BYTES];

	staged_name(serial, ".new", from);
	staged_name(serial, ".pem", to);
	if (renameat(p->issued, from, p->issued, to) || fsync(p->issued))
		return pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, ISSUED,
		    strerror(errno));
	return KK_OK;
}

/* What a killed process left: SERIAL.new, or a part of one. */
static enum kk_err left_mend(struct pki *p, const char *name)
{
	char serial[PKI_SERIAL_TEXT] = "";
	size_t bytes = strlen(name);

	if (bytes < NEW_BYTES || strcmp(name + bytes - NEW_BYTES, ".new") != 0)
		return KK_OK;
	if (bytes == PKI_SERIAL_TEXT - 1 + NEW_BYTES)
		memcpy(serial, name, PKI_SERIAL_TEXT - 1);
	if (serial[0] && pki_index_issued(&p->index, serial))
		return step_last(p, serial);
	if (unlinkat(p->issued, name, 0))
		return pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, name,
		    strerror(errno));
	return KK_OK;
}

static enum kk_err folder_mend(struct pki *p)
{
	int fd = openat(p->issued, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum kk_err err = KK_OK;
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return pki_fail(p, PKI_FAILED, PKI_BAD_OPEN, ISSUED,
		    strerror(errno));
	}
	while (!err && (entry = readdir(dir)))
		err = left_mend(p, entry->d_name);
	(void)closedir(dir);
	return err;
}

static enum kk_err index_read(struct pki *p)
{
	char where[32];
	size_t line = 0;
	enum kk_err err;

	err = program_file_read_in(p->folder, INDEX, PKI_INDEX_MAX_BYTES,
	    &p->text);
	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_READ, INDEX,
		    kk_err_text(err));
	err = pki_index_parse(&p->index, kk_bytes_view(&p->text), &line);
	if (!err)
		return KK_OK;
	(void)snprintf(where, sizeof(where), "%zu", line);
	return pki_fail(p, PKI_FAILED, PKI_BAD_INDEX, where, kk_err_text(err));
}

static enum kk_err ca_read(struct pki *p)
{
	struct kk_bytes pem;
	enum kk_err err = pki_folder_read(p, "ca.pem", &pem);

	if (err)
		return err;
	p->ca = pki_cert_of_pem(kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return p->ca ? KK_OK :
		       pki_fail(p, PKI_FAILED, PKI_BAD_CERT, "ca.pem", NULL);
}

/* Ours, and closed to others: the key's passphrase is one guard, not both. */
static enum kk_err fds_open(struct pki *p)
{
	struct stat st;

	p->folder = open(p->o.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->folder < 0)
		return pki_fail(p, PKI_FAILED, PKI_BAD_OPEN, p->o.folder,
		    strerror(errno));
	if (faccessat(p->folder, INDEX, F_OK, 0))
		return pki_fail(p, PKI_FAILED, PKI_BAD_FOLDER, p->o.folder,
		    NULL);
	if (fstat(p->folder, &st) || st.st_uid != geteuid() ||
	    (st.st_mode & 077))
		return pki_fail(p, PKI_FAILED, PKI_BAD_OPEN, p->o.folder,
		    "chmod 700");
	p->issued = openat(p->folder, ISSUED,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (p->issued < 0)
		return pki_fail(p, PKI_FAILED, PKI_BAD_OPEN, ISSUED,
		    strerror(errno));
	return KK_OK;
}

/* Until it is closed, which a process's end does too. */
static enum kk_err folder_lock(struct pki *p)
{
	if (flock(p->folder, LOCK_EX | LOCK_NB))
		return pki_fail(p, PKI_BUSY, PKI_BAD_BUSY, p->o.folder, NULL);
	p->is_locked = true;
	return KK_OK;
}

enum kk_err pki_folder_open(struct pki *p, bool is_writing)
{
	enum kk_err err = fds_open(p);

	if (!err && is_writing)
		err = folder_lock(p);
	if (!err)
		err = index_read(p);
	if (!err)
		err = ca_read(p);
	if (!err && is_writing)
		err = pki_clock_check(p);
	if (!err && is_writing)
		err = folder_mend(p);
	return err;
}

void pki_folder_close(struct pki *p)
{
	pki_index_clear(&p->index);
	kk_bytes_clear(&p->text);
	X509_free(p->ca);
	p->ca = NULL;
	crypto_key_free(p->key);
	p->key = NULL;
	if (p->issued >= 0)
		(void)close(p->issued);
	if (p->folder >= 0)
		(void)close(p->folder);
	p->issued = p->folder = -1;
	p->is_locked = false;
}

enum kk_err pki_folder_write(struct pki *p, const char *name,
    struct kk_view text)
{
	if (program_file_write(p->folder, name, text))
		return pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, name,
		    strerror(errno));
	return KK_OK;
}

enum kk_err pki_folder_read(struct pki *p, const char *name,
    struct kk_bytes *text)
{
	enum kk_err err = program_file_read_in(p->folder, name, FILE_MAX_BYTES,
	    text);

	return err ?
	    pki_fail(p, PKI_FAILED, PKI_BAD_READ, name, kk_err_text(err)) :
	    KK_OK;
}

enum kk_err pki_cert_read(struct pki *p, const char *serial, X509 **cert)
{
	char name[PKI_SERIAL_TEXT + NEW_BYTES];
	struct kk_bytes pem;
	enum kk_err err;

	staged_name(serial, ".pem", name);
	err = program_file_read_in(p->issued, name, FILE_MAX_BYTES, &pem);
	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_READ, name,
		    kk_err_text(err));
	*cert = pki_cert_of_pem(kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return *cert ? KK_OK :
		       pki_fail(p, PKI_FAILED, PKI_BAD_CERT, name, NULL);
}

/* The index with one line more, in place of the old one. */
static enum kk_err index_write(struct pki *p, const struct pki_event *event)
{
	char line[PKI_LINE_BYTES];
	struct kk_writer w;
	struct kk_bytes text;
	enum kk_err err;

	pki_index_line(event, line);
	kk_writer_init(&w);
	kk_write_raw(&w, kk_bytes_view(&p->text));
	kk_write_raw(&w, kk_view_text(line));
	err = kk_writer_take(&w, &text);
	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_MEMORY, NULL, NULL);
	err = pki_folder_write(p, INDEX, kk_bytes_view(&text));
	if (err) {
		kk_bytes_clear(&text);
		return err;
	}
	kk_bytes_clear(&p->text);
	p->text = text;
	return KK_OK;
}

enum kk_err pki_folder_act(struct pki *p, const struct pki_event *event,
    const struct kk_bytes *pem)
{
	char name[PKI_SERIAL_TEXT + NEW_BYTES];
	enum kk_err err = pki_index_add(&p->index, event);

	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_INDEX, "+",
		    kk_err_text(err));
	staged_name(event->serial, ".new", name);
	if (pem && program_file_write(p->issued, name, kk_bytes_view(pem)))
		return pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, name,
		    strerror(errno));
	err = index_write(p, event);
	if (!err && pem)
		err = step_last(p, event->serial);
	return err;
}

/* A line that was cut short stays as it is, and the next begins anew. */
static bool log_needs_end(int folder)
{
	int fd = openat(folder, LOG, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char last = '\n';
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		last = '\n';
	if (fd >= 0)
		(void)close(fd);
	return last != '\n';
}

void pki_folder_log(struct pki *p, bool is_done)
{
	char line[PKI_NOTE_BYTES + 64], at[PKI_TIME_TEXT];

	if (p->folder < 0 || !p->is_locked)
		return;
	pki_time_text(p->now_s, at);
	(void)snprintf(line, sizeof(line), "%s%s uid=%u %s %s: %s\n",
	    log_needs_end(p->folder) ? "\n" : "", at, (unsigned)getuid(),
	    p->o.word[0], is_done ? "done" : "failed", p->note);
	if (program_file_append(p->folder, LOG, kk_view_text(line)))
		pki_tell(p, PKI_BAD_WRITE, LOG, strerror(errno));
}

enum kk_err pki_file_write(struct pki *p, const char *path, struct kk_view text)
{
	char folder[PKI_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	enum kk_err err = KK_EIO;
	int n, fd;

	n = snprintf(folder, sizeof(folder), "%.*s",
	    slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	if (n < 0 || (size_t)n >= sizeof(folder))
		return pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, path, "?");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		err = program_file_write(fd, name, text);
		/* Nothing in it is secret. */
		if (!err && fchmodat(fd, name, 0644, 0))
			err = KK_EIO;
		(void)close(fd);
	}
	return err ?
	    pki_fail(p, PKI_FAILED, PKI_BAD_WRITE, path, strerror(errno)) :
	    KK_OK;
}
