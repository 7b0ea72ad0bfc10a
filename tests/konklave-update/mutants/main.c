/*
 * main.c - bundles with something changed, none of which may be taken: by
 * konklave-update's own code in this process, and by the real rauc wherever
 * that is what decides.  It tells which check refused how many.
 */
#define _GNU_SOURCE /* mkdtemp() */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/bin/konklave-update/driver.h"
#include "tests/konklave-update/mutants/rauc.h"

enum {
	BUNDLE_MAX = 1 << 24,
	MORE_MAX = 4096, /* a mutant is longer by no more */
	TAIL_BYTES = 8192,
	KINDS = 9,
	SIZE_BYTES = 8,
	PATH = 512
};

/* The last check that a bundle came to. */
enum check {
	CHECK_SIZE, /* the signature is not where its size says */
	CHECK_SEAL,
	CHECK_SIGNATURE, /* rauc info */
	CHECK_JUDGE, /* board, version, form */
	CHECK_BLOCKS, /* rauc extract: each block by its hash */
	CHECK_PARTS, /* the kernel image's own words */
	CHECKS
};

static const char *const check_names[CHECKS] = { "the signature's size",
	"the signature's frame, byte by byte", "rauc info: the signature",
	"board, version or format", "rauc extract: a block's hash",
	"a kernel image's words" };

static struct rauc rauc;

static struct {
	enum check last;
	size_t refused[CHECKS];
	size_t runs; /* of rauc */
} seen;

/* --- what is asked on the way ----------------------------------------------
 */

/* clang-format off */
enum kk_err __real_bundle_seal_check(struct kk_view cms);
enum kk_err __wrap_bundle_seal_check(struct kk_view cms);
enum kk_err __wrap_program_run(const char *const argv[], char *out,
    size_t room);
/* clang-format on */

enum kk_err __wrap_bundle_seal_check(struct kk_view cms)
{
	seen.last = CHECK_SEAL;
	return __real_bundle_seal_check(cms);
}

enum kk_err __wrap_program_run(const char *const argv[], char *out, size_t room)
{
	const bool is_info = !strcmp(argv[3], "info");
	enum kk_err err;

	seen.last = is_info ? CHECK_SIGNATURE : CHECK_BLOCKS;
	seen.runs++;
	err = rauc_run(&rauc, argv, out, room);
	if (!err)
		seen.last = is_info ? CHECK_JUDGE : CHECK_PARTS;
	return err;
}

/* --- mutants ---------------------------------------------------------------
 */

struct mutant {
	uint8_t *data;
	size_t bytes;
	uint64_t random;
};

static size_t below(struct mutant *m, size_t n)
{
	m->random ^= m->random << 13; /* Marsaglia's xorshift */
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (size_t)(m->random >> 11) % n;
}

static size_t seal_at(struct kk_view bundle)
{
	uint64_t bytes = 0;

	for (size_t i = bundle.bytes - SIZE_BYTES; i < bundle.bytes; i++)
		bytes = bytes << 8 | bundle.data[i];
	return bundle.bytes - SIZE_BYTES - (size_t)bytes;
}

/* Of five, three in the signature, with the manifest in it; one in the end,
 * with the tree of hashes; one anywhere. */
static size_t place(struct mutant *m, size_t number, size_t seal)
{
	const size_t tail = m->bytes > TAIL_BYTES ? m->bytes - TAIL_BYTES : 0;
	const size_t least = number % 5 < 3 ? seal : number % 5 == 3 ? tail : 0;

	return least + below(m, m->bytes - least);
}

static void put_random(struct mutant *m, size_t at, size_t bytes)
{
	for (size_t i = at; i < at + bytes && i < m->bytes; i++)
		m->data[i] = (uint8_t)below(m, 256);
}

static void insert(struct mutant *m, size_t at, size_t bytes)
{
	memmove(m->data + at + bytes, m->data + at, m->bytes - at);
	m->bytes += bytes;
}

static void change(struct mutant *m, size_t at, struct kk_view other)
{
	const size_t left = m->bytes - at;
	size_t n;

	switch (below(m, KINDS)) {
	case 0:
	case 1:
	case 2:
		m->data[at] ^= (uint8_t)(1U << below(m, 8));
		break;
	case 3:
		m->data[at] = (uint8_t)below(m, 256);
		break;
	case 4:
		put_random(m, at, 1 + below(m, 63));
		break;
	case 5: /* something is missing */
		n = 1 + below(m, 63);
		n = n < left ? n : left;
		memmove(m->data + at, m->data + at + n, left - n);
		m->bytes -= n;
		break;
	case 6: /* something is too much */
		n = 1 + below(m, 63);
		insert(m, at, n);
		put_random(m, at, n);
		break;
	case 7: /* a part stands twice */
		n = 1 + below(m, left < MORE_MAX - 64 ? left : MORE_MAX - 64);
		insert(m, at, n);
		memcpy(m->data + at, m->data + at + n, n);
		break;
	default: /* a part of another right bundle, at the same place */
		n = 1 + below(m, left);
		if (at + n <= other.bytes)
			memcpy(m->data + at, other.data + at, n);
		break;
	}
}

/* The same for the same number.  false: nothing has changed. */
static bool mutant_make(struct mutant *m, size_t number, struct kk_view bundle,
    struct kk_view other)
{
	memcpy(m->data, bundle.data, bundle.bytes);
	m->bytes = bundle.bytes;
	m->random = (number + 1) * 0x9e3779b97f4a7c15;
	change(m, place(m, number, seal_at(bundle)), other);
	return !kk_view_equal(kk_view_of(m->data, m->bytes), bundle);
}

/* --- the checks ------------------------------------------------------------
 */

struct options {
	const char *bundle, *other, *rauc, *rauc_conf, *server, *work, *board;
	unsigned first, count, part, parts;
};

static bool file_put(const char *path, const struct mutant *m)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	const bool is_whole = fd >= 0 &&
	    write(fd, m->data, m->bytes) == (ssize_t)m->bytes;

	if (fd >= 0)
		(void)close(fd);
	return is_whole;
}

static bool is_taken(const struct options *o, const char *path,
    const char *state)
{
	const struct driver_options d = { .state = state,
		.rauc = o->rauc,
		.rauc_conf = o->rauc_conf };
	const struct bundle_source from = { path, -1 };
	const struct facts f = { .running = BOOT_A, .version = 3, .floor = 3 };
	uint64_t version;
	enum update_reason why;

	seen.last = CHECK_SIZE;
	why = bundle_check(&d, &from, o->board, &f, &version);
	if (why != UPDATE_SAYS_NOTHING)
		seen.refused[seen.last]++;
	bundle_drop(&d);
	return why == UPDATE_SAYS_NOTHING;
}

static int all_try(const struct options *o, struct kk_view bundle,
    struct kk_view other)
{
	struct mutant m = { kk_calloc(1, bundle.bytes + MORE_MAX), 0, 0 };
	char path[PATH], state[PATH];
	size_t tried = 0, same = 0;

	(void)snprintf(path, sizeof(path), "%s/mutant-%u", o->work, o->part);
	(void)snprintf(state, sizeof(state), "%s/state-%u", o->work, o->part);
	if (!m.data || mkdir(state, 0700))
		return 2;
	if (!is_taken(o, o->bundle, state)) {
		(void)printf("the bundle itself is refused\n");
		return 2;
	}
	for (size_t i = o->first + o->part; i < o->count; i += o->parts) {
		if (!mutant_make(&m, i, bundle, other)) {
			same++;
			continue;
		}
		tried++;
		if (!file_put(path, &m))
			return 2;
		if (is_taken(o, path, state)) {
			(void)printf("mutant %zu is taken: %s\n", i, path);
			return 1;
		}
	}
	(void)printf("%zu mutants tried (%zu more were no change), none "
		     "taken; rauc ran %zu times\n",
	    tried, same, seen.runs);
	for (size_t i = 0; i < CHECKS; i++)
		(void)printf("%8zu refused by %s\n", seen.refused[i],
		    check_names[i]);
	(void)unlink(path);
	kk_free(m.data);
	return fflush(stdout) ? 2 : 0;
}

static const char help[] =
    "usage: update-mutants --bundle=FILE --rauc-conf=FILE --server=FILE\n"
    "           --work=FOLDER\n"
    "\n"
    "Changed copies of a bundle, which konklave-update's check refuses.  Status\n"
    "1 where one is taken: it is left in the folder.  The server (mutants.so) is\n"
    "what makes rauc start once for all.\n"
    "\n"
    "  --other=FILE  another right one, of which parts are taken\n"
    "  --board=NAME  (konklave-test)\n"
    "  --rauc=FILE   (/usr/bin/rauc)\n"
    "  --count=N     mutants (1000), of which so many, --first=N, are left out\n"
    "  --part=K      of the --parts=N, from 0: several may run at once\n"
    "  --help\n";

static int usage(void)
{
	(void)fputs(help, stderr);
	return 2;
}

static int run(const struct options *o)
{
	struct kk_bytes bundle, other = { 0 };
	int status = 2;

	if (program_file_read(o->bundle, BUNDLE_MAX, &bundle)) {
		(void)fprintf(stderr, "%s: cannot be read\n", o->bundle);
		return 2;
	}
	if (bundle.bytes > SIZE_BYTES &&
	    seal_at(kk_bytes_view(&bundle)) < bundle.bytes &&
	    (!o->other || !program_file_read(o->other, BUNDLE_MAX, &other)) &&
	    !rauc_start(&rauc, o->rauc, o->server)) {
		status = all_try(o, kk_bytes_view(&bundle),
		    kk_bytes_view(&other));
		rauc_stop(&rauc);
	}
	kk_bytes_clear(&bundle);
	kk_bytes_clear(&other);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = { .rauc = "/usr/bin/rauc",
		.board = "konklave-test",
		.count = 1000,
		.parts = 1 };
	const struct program_option table[] = {
		{ "bundle", .text = &o.bundle },
		{ "other", .text = &o.other },
		{ "rauc", .text = &o.rauc },
		{ "rauc-conf", .text = &o.rauc_conf },
		{ "server", .text = &o.server },
		{ "work", .text = &o.work },
		{ "board", .text = &o.board },
		{ "count", .number = &o.count, .min = 1, .max = 100000000 },
		{ "first", .number = &o.first, .max = 100000000 },
		{ "part", .number = &o.part, .max = 63 },
		{ "parts", .number = &o.parts, .min = 1, .max = 64 },
	};
	const struct program_options options = { .program = "update-mutants",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = &o };
	bool is_done;

	if (program_options_parse(&options, argc, argv, &is_done))
		return 2;
	if (is_done)
		return 0;
	if (!o.bundle || !o.rauc_conf || !o.server || !o.work ||
	    o.part >= o.parts)
		return usage();
	return run(&o);
}
