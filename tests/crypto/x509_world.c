/* x509_world.c - certificates made for the tests, and OpenSSL's opinion. */
#define _GNU_SOURCE
#include "crypto/x509_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char world_folder[64];

static void world_remove(void)
{
	DIR *dir = opendir(world_folder);
	struct dirent *entry;
	int fd = dir ? dirfd(dir) : -1;

	while (fd >= 0 && (entry = readdir(dir)))
		(void)unlinkat(fd, entry->d_name, 0);
	if (dir)
		(void)closedir(dir);
	(void)rmdir(world_folder);
}

/* The exit status of a program, or -1; its words go to /dev/null. */
static int world_run(char *const *args, bool is_quiet)
{
	posix_spawn_file_actions_t acts;
	int status = -1;
	pid_t pid;

	CHECK_EQ(posix_spawn_file_actions_init(&acts), 0);
	if (is_quiet) {
		CHECK_EQ(posix_spawn_file_actions_addopen(&acts, 1, "/dev/null",
			     O_WRONLY, 0),
		    0);
		CHECK_EQ(posix_spawn_file_actions_adddup2(&acts, 1, 2), 0);
	}
	CHECK_EQ(posix_spawnp(&pid, args[0], &acts, NULL, args, environ), 0);
	(void)posix_spawn_file_actions_destroy(&acts);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void world_make(void)
{
	char script[] = "tests/crypto/x509-make";
	char folder[] = "/tmp/konklave-x509-XXXXXX";
	char *args[] = { script, world_folder, NULL };

	if (world_folder[0])
		return;
	CHECK(mkdtemp(folder) != NULL);
	(void)snprintf(world_folder, sizeof(world_folder), "%s", folder);
	CHECK_EQ(atexit(world_remove), 0);
	CHECK_EQ(world_run(args, false), 0);
	CHECK_OK(crypto_init());
}

const char *world_path(const char *name, const char *ending)
{
	static char path[256];

	world_make();
	(void)snprintf(path, sizeof(path), "%s/%s%s", world_folder, name,
	    ending);
	return path;
}

static struct kk_bytes path_read(const char *path)
{
	struct kk_bytes b = { 0 };
	struct stat st = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		tap_diag("no %s", path);
	CHECK(fd >= 0 && fstat(fd, &st) == 0);
	b.bytes = (size_t)st.st_size;
	b.data = kk_calloc(b.bytes, 1);
	CHECK(b.data != NULL);
	CHECK_EQ(read(fd, b.data, b.bytes), b.bytes);
	(void)close(fd);
	return b;
}

struct kk_bytes world_file(const char *name)
{
	return path_read(world_path(name, ""));
}

struct kk_bytes world_cert(const char *name)
{
	return path_read(world_path(name, ".der"));
}

struct kk_bytes world_crl(const char *name)
{
	return path_read(world_path(name, ".crl.der"));
}

/* Copies the next word of *names to word; false at the end. */
static bool word_take(const char **names, char *word, size_t room)
{
	size_t bytes = strcspn(*names, " ");

	if (bytes == 0)
		return false;
	CHECK(bytes < room);
	memcpy(word, *names, bytes);
	word[bytes] = '\0';
	*names += bytes;
	*names += **names == ' ';
	return true;
}

struct world_chain world_chain_load(const char *names)
{
	struct world_chain chain = { 0 };
	char word[64];

	while (word_take(&names, word, sizeof(word))) {
		CHECK(chain.count < WORLD_FILES_MAX);
		chain.files[chain.count] = world_cert(word);
		chain.views[chain.count] = kk_bytes_view(
		    &chain.files[chain.count]);
		chain.count++;
	}
	return chain;
}

void world_chain_clear(struct world_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		kk_bytes_clear(&chain->files[i]);
	chain->count = 0;
}

struct crypto_x509_trust *world_trust(const char *anchors)
{
	struct world_chain list = world_chain_load(anchors);
	struct crypto_x509_trust *trust;

	CHECK_OK(crypto_x509_trust_new(&trust));
	for (size_t i = 0; i < list.count; i++)
		CHECK_OK(crypto_x509_trust_add_ca(trust, list.views[i]));
	world_chain_clear(&list);
	return trust;
}

enum kk_err world_add_crl(struct crypto_x509_trust *trust, const char *name)
{
	struct kk_bytes file = world_crl(name);
	enum kk_err err;

	err = crypto_x509_trust_add_crl(trust, kk_bytes_view(&file));
	kk_bytes_clear(&file);
	return err;
}

enum kk_err world_add_issuer(struct crypto_x509_trust *trust, const char *name)
{
	struct kk_bytes file = world_cert(name);
	enum kk_err err;

	err = crypto_x509_trust_add_issuer(trust, kk_bytes_view(&file));
	kk_bytes_clear(&file);
	return err;
}

enum kk_err world_check_at(const struct crypto_x509_trust *trust,
    const struct world_chain *chain, int64_t now_s, const char *name)
{
	struct crypto_x509_subject subject;
	struct crypto_checks *checks;
	enum kk_err err = crypto_checks_new(&checks);

	if (err)
		return err;
	err = crypto_x509_chain_check(trust, chain->views, chain->count, now_s,
	    name, checks, &subject);
	if (!err)
		err = crypto_checks_run(checks);
	if (!err)
		err = crypto_checks_done(checks);
	crypto_checks_free(checks);
	return err;
}

enum kk_err world_check(const struct crypto_x509_trust *trust,
    const char *names, const char *name)
{
	struct world_chain chain = world_chain_load(names);
	enum kk_err err = world_check_at(trust, &chain, WORLD_NOW_S, name);

	world_chain_clear(&chain);
	return err;
}

struct command {
	char words[64][256];
	char *args[64];
	size_t count;
};

static void command_add(struct command *c, const char *word)
{
	CHECK(c->count + 1 < KK_ARRAY_LEN(c->args));
	(void)snprintf(c->words[c->count], sizeof(c->words[0]), "%s", word);
	c->args[c->count] = c->words[c->count];
	c->args[++c->count] = NULL;
}

static void command_add_files(struct command *c, const char *option,
    const char *names)
{
	char word[64];

	while (word_take(&names, word, sizeof(word))) {
		command_add(c, option);
		command_add(c, world_path(word, ".der"));
	}
}

bool world_openssl_accepts(const char *anchors, const char *names,
    const char *const *options, size_t option_count)
{
	struct command c = { 0 };
	char leaf[64];
	char now[32];
	int status;

	(void)snprintf(now, sizeof(now), "%lld", (long long)WORLD_NOW_S);
	command_add(&c, "openssl");
	command_add(&c, "verify");
	command_add(&c, "-attime");
	command_add(&c, now);
	for (size_t i = 0; i < option_count; i++)
		command_add(&c, options[i]);
	CHECK(word_take(&names, leaf, sizeof(leaf)));
	command_add_files(&c, "-trusted", anchors);
	command_add_files(&c, "-untrusted", names);
	command_add(&c, world_path(leaf, ".der"));
	status = world_run(c.args, true);
	CHECK(status == 0 || status == 2); /* 1: it did not understand us */
	return status == 0;
}
