/* file.c - whole files, on a real disk. */
#define _GNU_SOURCE /* O_DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "program/program.h"

/* What the next reads give: so many bytes, i interrupted, e an error. */
static const char *read_plan = "";

ssize_t __real_read(int fd, void *out, size_t bytes);
ssize_t __wrap_read(int fd, void *out, size_t bytes);

ssize_t __wrap_read(int fd, void *out, size_t bytes)
{
	if (!*read_plan)
		return __real_read(fd, out, bytes);
	if (*read_plan >= '0' && *read_plan <= '9')
		return __real_read(fd, out, (size_t)(*read_plan++ - '0'));
	errno = *read_plan++ == 'i' ? EINTR : EIO;
	return -1;
}

static unsigned flushes;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	flushes++;
	return __real_fsync(fd);
}

struct world {
	char folder[32];
	int fd;
};

static struct world world_new(void)
{
	struct world w = { .folder = "/tmp/konklave-file-XXXXXX" };

	CHECK(mkdtemp(w.folder) != NULL);
	w.fd = open(w.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(w.fd >= 0);
	return w;
}

static void world_free(struct world *w)
{
	(void)unlinkat(w->fd, "kept", 0);
	(void)unlinkat(w->fd, "other", 0);
	(void)close(w->fd);
	/* It is empty: nothing half done was left. */
	CHECK_EQ(rmdir(w->folder), 0);
}

static const char *path_of(const struct world *w, const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	return path;
}

static void has_text(const struct world *w, const char *name, const char *text)
{
	struct kk_bytes b;

	CHECK_OK(program_file_read(path_of(w, name), 64, &b));
	CHECK_EQ(b.bytes, strlen(text));
	CHECK(kk_view_equal(kk_bytes_view(&b), kk_view_text(text)));
	kk_bytes_clear(&b);
}

static void is_not_read(enum kk_err got, enum kk_err want,
    const struct kk_bytes *b)
{
	CHECK_ERR(got, want);
	CHECK(!b->data && b->bytes == 0);
}

TEST(file_is_read_up_to_its_bound_and_not_beyond)
{
	struct world w = world_new();
	struct kk_bytes b;

	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("12345")));
	CHECK_OK(program_file_read(path_of(&w, "kept"), 5, &b));
	CHECK(kk_view_equal(kk_bytes_view(&b), kk_view_text("12345")));
	kk_bytes_clear(&b);
	is_not_read(program_file_read(path_of(&w, "kept"), 4, &b), KK_ELIMIT,
	    &b);
	CHECK_OK(program_file_read_in(w.fd, "kept", 5, &b));
	CHECK(kk_view_equal(kk_bytes_view(&b), kk_view_text("12345")));
	kk_bytes_clear(&b);
	is_not_read(program_file_read_in(w.fd, "kept", 4, &b), KK_ELIMIT, &b);
	world_free(&w);
}

TEST(file_that_is_empty_absent_or_none_is_told_apart)
{
	struct world w = world_new();
	struct kk_bytes b;

	is_not_read(program_file_read(path_of(&w, "kept"), 4, &b), KK_ENOENT,
	    &b);
	is_not_read(program_file_read_in(w.fd, "kept", 4, &b), KK_EIO, &b);
	is_not_read(program_file_read(w.folder, SIZE_MAX, &b), KK_EIO, &b);
	is_not_read(program_file_read_in(w.fd, ".", SIZE_MAX, &b), KK_EIO, &b);
	CHECK_OK(program_file_write(w.fd, "kept", (struct kk_view){ 0 }));
	is_not_read(program_file_read(path_of(&w, "kept"), 0, &b), KK_OK, &b);
	world_free(&w);
}

TEST(file_is_read_in_pieces_and_refused_where_it_ends_too_early)
{
	struct world w = world_new();
	struct kk_bytes b;

	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("12345")));
	read_plan = "1i2"; /* then as it is */
	has_text(&w, "kept", "12345");
	read_plan = "1i0";
	is_not_read(program_file_read(path_of(&w, "kept"), 5, &b), KK_EIO, &b);
	read_plan = "2e";
	is_not_read(program_file_read(path_of(&w, "kept"), 5, &b), KK_EIO, &b);
	world_free(&w);
}

TEST(file_read_survives_failing_allocations)
{
	struct world w = world_new();
	struct kk_bytes b;
	enum kk_err err;

	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("12345")));
	ALLOC_FAULT_LOOP(err, program_file_read(path_of(&w, "kept"), 5, &b));
	CHECK_OK(err);
	kk_bytes_clear(&b);
	world_free(&w);
}

TEST(file_is_for_our_user_alone_whatever_the_umask)
{
	struct world w = world_new();
	mode_t old = umask(0);
	enum kk_err err = program_file_write(w.fd, "kept",
	    kk_view_text("secret"));
	struct stat st;

	(void)umask(old);
	CHECK_OK(err);
	CHECK_EQ(fstatat(w.fd, "kept", &st, AT_SYMLINK_NOFOLLOW), 0);
	CHECK_EQ(st.st_mode, S_IFREG | 0600);
	world_free(&w);
}

typedef enum kk_err write_fn(int folder, const char *name, struct kk_view data);

static void replaced_by(write_fn *write_it)
{
	struct world w = world_new();
	int fd = openat(w.fd, "kept.new", O_WRONLY | O_CREAT, 0600);
	struct stat st;

	CHECK_EQ(write(fd, "half of an earlier, longer one", 30), 30);
	CHECK_EQ(close(fd), 0);
	CHECK_OK(write_it(w.fd, "kept", kk_view_text("first")));
	has_text(&w, "kept", "first");
	flushes = 0;
	CHECK_OK(write_it(w.fd, "kept", kk_view_text("two")));
	has_text(&w, "kept", "two");
	CHECK_EQ(fstatat(w.fd, "kept", &st, AT_SYMLINK_NOFOLLOW), 0);
	CHECK_EQ(st.st_mode, S_IFREG | 0600);
	world_free(&w);
}

TEST(file_is_replaced_and_a_half_written_one_does_not_matter)
{
	replaced_by(program_file_write);
	CHECK_EQ(flushes, 2); /* the file, and where its name stands */
}

TEST(file_is_replaced_without_waiting_for_the_disk_where_that_is_enough)
{
	replaced_by(program_file_replace);
	CHECK_EQ(flushes, 0);
}

TEST(file_writes_through_no_link)
{
	struct world w = world_new();
	struct stat st;

	CHECK_OK(program_file_write(w.fd, "other", kk_view_text("whole")));
	/* In the file's place: the link goes, not what it leads to. */
	CHECK_EQ(symlinkat("other", w.fd, "kept"), 0);
	CHECK_ERR(program_file_append(w.fd, "kept", kk_view_text("x")), KK_EIO);
	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("ours")));
	CHECK_EQ(fstatat(w.fd, "kept", &st, AT_SYMLINK_NOFOLLOW), 0);
	CHECK(S_ISREG(st.st_mode));
	/* In place of what is being written. */
	CHECK_EQ(symlinkat("other", w.fd, "kept.new"), 0);
	CHECK_ERR(program_file_write(w.fd, "kept", kk_view_text("x")), KK_EIO);
	has_text(&w, "kept", "ours");
	has_text(&w, "other", "whole");
	world_free(&w);
}

TEST(file_of_a_configuration_may_be_a_link_and_one_of_ours_may_not)
{
	struct world w = world_new();
	struct kk_bytes b;

	CHECK_OK(program_file_write(w.fd, "other", kk_view_text("whole")));
	CHECK_EQ(symlinkat("other", w.fd, "kept"), 0);
	has_text(&w, "kept", "whole");
	is_not_read(program_file_read_in(w.fd, "kept", 64, &b), KK_EIO, &b);
	world_free(&w);
}

/* A disk that is full after so many bytes of a file: RLIMIT_FSIZE cuts a write
 * short, and fails the next one. */
static struct rlimit disk_fill(rlim_t bytes)
{
	struct rlimit was, limit;

	CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	CHECK_EQ(getrlimit(RLIMIT_FSIZE, &was), 0);
	limit = was;
	limit.rlim_cur = bytes;
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
	return was;
}

TEST(file_stays_whole_when_the_disk_is_full)
{
	struct world w = world_new();
	struct rlimit was;
	enum kk_err err;

	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("old")));
	was = disk_fill(4);
	err = program_file_write(w.fd, "kept", kk_view_text("12345"));
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &was), 0);
	CHECK_ERR(err, KK_EIO);
	has_text(&w, "kept", "old");
	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("12345")));
	has_text(&w, "kept", "12345");
	world_free(&w);
}

TEST(append_says_when_the_disk_is_full)
{
	struct world w = world_new();
	struct rlimit was;
	enum kk_err err;

	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("old")));
	was = disk_fill(4);
	err = program_file_append(w.fd, "kept", kk_view_text("12345"));
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &was), 0);
	CHECK_ERR(err, KK_EIO);
	has_text(&w, "kept", "old1");
	world_free(&w);
}

TEST(append_adds_to_a_file_that_is_there)
{
	struct world w = world_new();

	CHECK_ERR(program_file_append(w.fd, "kept", kk_view_text("x")), KK_EIO);
	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("one")));
	CHECK_OK(program_file_append(w.fd, "kept", kk_view_text(" two")));
	has_text(&w, "kept", "one two");
	world_free(&w);
}

TEST(write_refuses_a_name_that_leaves_no_room)
{
	struct world w = world_new();
	char name[256];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	CHECK_ERR(program_file_write(w.fd, name, kk_view_text("x")), KK_EINVAL);
	world_free(&w);
}

TEST(secret_is_read_where_nobody_else_could)
{
	struct world w = world_new();
	struct kk_bytes out;

	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("secret")));
	CHECK_OK(program_secret_read(path_of(&w, "kept"), 6, &out));
	CHECK_EQ(out.bytes, 6);
	kk_bytes_clear(&out);
	CHECK_ERR(program_secret_read(path_of(&w, "kept"), 5, &out), KK_ELIMIT);
	CHECK_ERR(program_secret_read(path_of(&w, "other"), 6, &out),
	    KK_ENOENT);
	CHECK_ERR(program_secret_read(w.folder, 6, &out), KK_EIO);
	world_free(&w);
}

TEST(secret_that_group_or_others_could_read_is_refused)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0644 };
	struct world w = world_new();
	struct kk_bytes out;

	CHECK_OK(program_file_write(w.fd, "kept", kk_view_text("secret")));
	for (size_t i = 0; i < KK_ARRAY_LEN(modes); i++) {
		CHECK_EQ(fchmodat(w.fd, "kept", modes[i], 0), 0);
		CHECK_ERR(program_secret_read(path_of(&w, "kept"), 6, &out),
		    KK_EDENIED);
		CHECK_EQ(out.bytes, 0);
	}
	CHECK_EQ(fchmodat(w.fd, "kept", 0400, 0), 0);
	CHECK_OK(program_secret_read(path_of(&w, "kept"), 6, &out));
	kk_bytes_clear(&out);
	world_free(&w);
}
