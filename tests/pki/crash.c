/*
 * crash.c - kill -9 at each call that changes a folder, a write half done: what
 * is there afterwards is the old or the new, and goes on working.
 */
#define _GNU_SOURCE /* O_DIRECTORY */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "site.h"
#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

enum { STEPS_MAX = 400 };

/* Which call is the last; 0: none. */
static unsigned last_call, calls;

ssize_t __real_write(int fd, const void *data, size_t bytes);
ssize_t __wrap_write(int fd, const void *data, size_t bytes);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_openat(int folder, const char *path, int flags, mode_t mode);
int __wrap_openat(int folder, const char *path, int flags, mode_t mode);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_renameat(int a, const char *from, int b, const char *to);
int __wrap_renameat(int a, const char *from, int b, const char *to);
int __real_unlinkat(int folder, const char *path, int flags);
int __wrap_unlinkat(int folder, const char *path, int flags);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_mkdirat(int folder, const char *path, mode_t mode);
int __wrap_mkdirat(int folder, const char *path, mode_t mode);
int __real_rmdir(const char *path);
int __wrap_rmdir(const char *path);

static bool is_last(void)
{
	return last_call && ++calls == last_call;
}

static void die(void)
{
	(void)kill(getpid(), SIGKILL);
}

ssize_t __wrap_write(int fd, const void *data, size_t bytes)
{
	if (is_last()) {
		(void)__real_write(fd, data, bytes / 2);
		die();
	}
	return __real_write(fd, data, bytes);
}

int __wrap_fsync(int fd)
{
	if (is_last())
		die();
	return __real_fsync(fd);
}

int __wrap_openat(int folder, const char *path, int flags, mode_t mode)
{
	if (flags & O_CREAT && is_last())
		die();
	return __real_openat(folder, path, flags, flags & O_CREAT ? mode : 0);
}

int __wrap_rename(const char *from, const char *to)
{
	if (is_last())
		die();
	return __real_rename(from, to);
}

int __wrap_renameat(int a, const char *from, int b, const char *to)
{
	if (is_last())
		die();
	return __real_renameat(a, from, b, to);
}

int __wrap_unlinkat(int folder, const char *path, int flags)
{
	if (is_last())
		die();
	return __real_unlinkat(folder, path, flags);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	if (is_last())
		die();
	return __real_mkdir(path, mode);
}

int __wrap_mkdirat(int folder, const char *path, mode_t mode)
{
	if (is_last())
		die();
	return __real_mkdirat(folder, path, mode);
}

int __wrap_rmdir(const char *path)
{
	if (is_last())
		die();
	return __real_rmdir(path);
}

/* The passphrase's price has no part in this. */
X509_ALGOR *__real_PKCS5_pbe2_set_scrypt(const EVP_CIPHER *cipher,
    const unsigned char *salt, int salt_bytes, unsigned char *iv, uint64_t n,
    uint64_t r, uint64_t p);
X509_ALGOR *__wrap_PKCS5_pbe2_set_scrypt(const EVP_CIPHER *cipher,
    const unsigned char *salt, int salt_bytes, unsigned char *iv, uint64_t n,
    uint64_t r, uint64_t p);

X509_ALGOR *__wrap_PKCS5_pbe2_set_scrypt(const EVP_CIPHER *cipher,
    const unsigned char *salt, int salt_bytes, unsigned char *iv, uint64_t n,
    uint64_t r, uint64_t p)
{
	(void)n;
	(void)p;
	return __real_PKCS5_pbe2_set_scrypt(cipher, salt, salt_bytes, iv, 2, r,
	    1);
}

struct ca {
	struct site site;
	char folder[96], request[96], pass[96], serial[PKI_SERIAL_TEXT];
	struct crypto_key *key; /* once, as scrypt takes its time */
};

static struct pki pki_of(const struct ca *ca, const char *command,
    const char *one, const char *two)
{
	struct pki p = { .folder = -1,
		.issued = -1,
		.o = { .word = { command, one, two },
		    .folder = ca->folder,
		    .name = !strcmp(command, "init") ? "Site" : NULL,
		    .passphrase = ca->pass,
		    .reason = "superseded",
		    .is_sure = true } };

	CHECK_OK(pki_clock_read(&p));
	return p;
}

static void ca_start(struct ca *ca)
{
	struct pki p;

	CHECK_OK(crypto_init());
	*ca = (struct ca){ 0 };
	site_init(&ca->site);
	site_request(&ca->site, "a", "P-256", "/CN=Room 4");
	(void)snprintf(ca->folder, sizeof(ca->folder), "%s/ca",
	    ca->site.folder);
	(void)snprintf(ca->request, sizeof(ca->request), "%s/a.csr",
	    ca->site.folder);
	(void)snprintf(ca->pass, sizeof(ca->pass), "%s/pass", ca->site.folder);
	p = pki_of(ca, "crl", NULL, NULL);
	CHECK_OK(pki_folder_open(&p, false));
	CHECK_OK(pki_key_load(&p));
	ca->key = p.key;
	p.key = NULL;
	pki_folder_close(&p);
}

static void ca_end(struct ca *ca)
{
	crypto_key_free(ca->key);
	site_end(&ca->site);
}

/* Runs a command in a child that dies at its nth call; false: it came through.
 */
static bool dies_at(struct ca *ca, unsigned nth,
    enum kk_err (*command)(struct pki *p), struct pki p)
{
	int status = 0;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		enum kk_err err;

		if (!freopen("/dev/null", "w", stdout))
			_exit(2);
		p.key = ca->key;
		last_call = nth;
		err = command(&p);
		pki_folder_log(&p, !err);
		last_call = 0;
		_exit(err ? 1 : 0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		CHECK_EQ(WTERMSIG(status), SIGKILL);
		return true;
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return false;
}

/* Each certificate that the index names is there, and no other file. */
static void issued_check(struct pki *p)
{
	size_t named = 0, files = 0;
	int fd = openat(p->issued, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	X509 *cert;

	CHECK(dir != NULL);
	while (dir && (entry = readdir(dir)))
		files += entry->d_name[0] != '.';
	(void)closedir(dir);
	for (size_t i = 0; i < p->index.count; i++) {
		if (p->index.events[i].act != PKI_ISSUED)
			continue;
		named++;
		CHECK_OK(pki_cert_read(p, p->index.events[i].serial, &cert));
		CHECK_OK(pki_cert_check(cert, p->ca, NULL, p->now_s));
		X509_free(cert);
	}
	CHECK_EQ(files, named);
}

/* Opened for writing, which puts right what was left. */
static size_t count_after(struct ca *ca, struct kk_bytes *before)
{
	struct pki p = pki_of(ca, "crl", NULL, NULL);
	uint64_t number;
	size_t count;

	CHECK_OK(pki_folder_open(&p, true));
	issued_check(&p);
	CHECK(p.text.bytes >= before->bytes);
	CHECK_MEM(p.text.data, before->data, before->bytes);
	number = pki_crl_number(&p);
	CHECK(number >= 1 && number <= pki_index_crl(&p.index)->number);
	kk_bytes_clear(before);
	*before = kk_bytes_take(&p.text);
	count = p.index.count;
	for (size_t i = 0; i < count; i++)
		if (p.index.events[i].act == PKI_ISSUED)
			memcpy(ca->serial, p.index.events[i].serial,
			    sizeof(ca->serial));
	pki_folder_close(&p);
	return count;
}

TEST(issue_that_is_killed_anywhere_has_issued_or_has_not)
{
	static struct ca ca;
	struct kk_bytes text = { 0 };
	unsigned with = 0, without = 0, nth = 1;
	size_t count;

	ca_start(&ca);
	count = count_after(&ca, &text);
	while (dies_at(&ca, nth, pki_issue,
	    pki_of(&ca, "issue", "box", ca.request))) {
		size_t now = count_after(&ca, &text);

		CHECK(now == count || now == count + 1);
		*(now > count ? &with : &without) += 1;
		count = now;
		CHECK(++nth < STEPS_MAX);
	}
	CHECK_EQ(count_after(&ca, &text), count + 1);
	CHECK(with >= 3 && without >= 6);
	kk_bytes_clear(&text);
	ca_end(&ca);
}

TEST(revocation_that_is_killed_anywhere_is_made_or_can_be_made_again)
{
	static struct ca ca;
	struct kk_bytes text = { 0 };
	unsigned nth = 1;
	bool goes_on = true;

	ca_start(&ca);
	while (goes_on) {
		struct pki p;
		bool is_revoked;

		CHECK(!dies_at(&ca, 0, pki_issue,
		    pki_of(&ca, "issue", "box", ca.request)));
		(void)count_after(&ca, &text);
		goes_on = dies_at(&ca, nth, pki_revoke,
		    pki_of(&ca, "revoke", ca.serial, NULL));
		(void)count_after(&ca, &text);
		p = pki_of(&ca, "list", NULL, NULL);
		CHECK_OK(pki_folder_open(&p, false));
		is_revoked = pki_index_revoked(&p.index, ca.serial) != NULL;
		CHECK(goes_on || is_revoked);
		/* A list without it does not go unseen. */
		CHECK(!is_revoked || pki_crl_is_behind(&p) ||
		    pki_crl_number(&p) == pki_index_crl(&p.index)->number);
		pki_folder_close(&p);
		CHECK(!dies_at(&ca, 0, pki_crl,
		    pki_of(&ca, "crl", NULL, NULL)));
		CHECK(++nth < STEPS_MAX);
	}
	CHECK(nth > 10);
	kk_bytes_clear(&text);
	ca_end(&ca);
}

TEST(init_that_is_killed_anywhere_has_made_all_or_can_be_made_again)
{
	static struct ca ca;
	char other[96];
	unsigned nth = 1;
	struct pki p;

	ca_start(&ca);
	(void)snprintf(other, sizeof(other), "%s/other", ca.site.folder);
	memcpy(ca.folder, other, sizeof(other));
	while (dies_at(&ca, nth, pki_init, pki_of(&ca, "init", NULL, NULL))) {
		p = pki_of(&ca, "list", NULL, NULL);
		if (!access(other, F_OK)) {
			CHECK_OK(pki_folder_open(&p, true));
			pki_folder_close(&p);
			folder_remove(other);
		}
		CHECK(++nth < STEPS_MAX);
	}
	p = pki_of(&ca, "list", NULL, NULL);
	CHECK_OK(pki_folder_open(&p, true));
	CHECK_EQ(p.index.count, 2);
	CHECK(nth > 15);
	pki_folder_close(&p);
	ca_end(&ca);
}
