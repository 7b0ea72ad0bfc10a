/*
 * mls.c - what groups cost: creating, joining, committing, processing.
 *
 * CPU time of this process and the median of several rounds, so that neighbours
 * on the machine disturb it little.  Beside each figure stand what the same
 * machine needs for the signatures and seals that cannot be left out (the
 * floor), and what mlspp needed where it was measured.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mls/mls.h"

enum { NOW_S = 1800000000, ROUNDS_MAX = 99, MEMBERS_MAX = 1000 };

struct settings {
	bool is_json;
	bool is_first; /* nothing was printed yet */
	unsigned long rounds;
	unsigned long members; /* 0: the usual numbers */
	unsigned long suite; /* 0: 2 and 7 */
};

struct member {
	struct crypto_key *signer;
	struct mls_client *client;
	struct mls_key_package *kp;
	struct mls_group *group;
};

struct bench {
	struct settings *settings;
	const struct crypto_suite *suite;
	uint32_t members;
	struct member *m;
	struct mls_commit_out created; /* adds everybody to the first */
	struct mls_commit_out empty;
	double verify_ms, sign_ms, seal_ms, open_ms; /* of one, here */
};

/*
 * CPU ms of mlspp (C++, the same work over OpenSSL), measured once by us for
 * this project on another machine: the ratio is as good as machines compare.
 */
struct known {
	uint32_t members;
	uint16_t suite;
	double join_ms, commit_ms, process_ms;
	double commit_kb; /* 0: not noted */
};

static const struct known mlspp[] = {
	{ 100, 2, 21, 44, 7, 12 },
	{ 100, 7, 145, 255, 15, 0 },
	{ 500, 2, 64, 136, 13, 58 },
	{ 500, 7, 644, 1149, 32, 0 },
};

static void must(enum kk_err err)
{
	if (!err)
		return;
	(void)fprintf(stderr, "bench-mls: %s\n", kk_err_text(err));
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t))
		must(KK_EIO);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of some rounds of work, each timed by itself. */
static double median_ms(struct bench *b, void (*work)(struct bench *b))
{
	double ms[ROUNDS_MAX];
	size_t rounds = b->settings->rounds;

	for (size_t i = 0; i < rounds; i++) {
		double start_ms = now_ms();

		work(b);
		ms[i] = now_ms() - start_ms;
	}
	qsort(ms, rounds, sizeof(*ms), order);
	return ms[rounds / 2];
}

static void member_init(struct bench *b, uint32_t i)
{
	struct mls_client_config config = { .suite = b->suite };
	struct member *m = &b->m[i];

	must(crypto_sig_key_generate(&m->signer, b->suite->sig));
	config.signer = m->signer;
	config.credential.type = MLS_CREDENTIAL_BASIC;
	config.credential.identity = kk_view_text("somebody in the meeting");
	must(mls_client_new(&m->client, &config));
	must(mls_key_package_new(&m->kp, m->client, NOW_S));
}

static void bench_clear(struct bench *b)
{
	for (uint32_t i = 0; i < b->members; i++) {
		mls_group_free(b->m[i].group);
		mls_key_package_free(b->m[i].kp);
		mls_client_free(b->m[i].client);
		crypto_key_free(b->m[i].signer);
	}
	mls_commit_out_clear(&b->created);
	mls_commit_out_clear(&b->empty);
	kk_free(b->m);
}

/* A group of one, then a commit that adds all others. */
static void work_create(struct bench *b)
{
	struct kk_view offers[MEMBERS_MAX];
	struct mls_commit_spec spec = { .adds = offers,
		.add_count = b->members - 1 };
	struct member *first = &b->m[0];
	struct mls_staged *staged;

	mls_group_free(first->group);
	first->group = NULL;
	mls_commit_out_clear(&b->created);
	for (uint32_t i = 1; i < b->members; i++)
		offers[i - 1] = mls_key_package_message(b->m[i].kp);
	must(mls_group_new(&first->group, first->client, kk_view_text("room"),
	    (struct kk_view){ 0 }, NOW_S));
	must(mls_group_commit(first->group, &spec, NOW_S, &b->created,
	    &staged));
	must(crypto_checks_run(mls_staged_checks(staged)));
	must(mls_group_apply(first->group, staged));
}

static void work_join(struct bench *b)
{
	struct member *last = &b->m[b->members - 1];
	struct mls_staged *staged;

	mls_group_free(last->group);
	last->group = NULL;
	must(mls_group_join(&staged, last->client, last->kp,
	    kk_bytes_view(&b->created.welcome), (struct kk_view){ 0 }, NOW_S));
	must(crypto_checks_run(mls_staged_checks(staged)));
	must(mls_staged_take_group(staged, &last->group));
}

/* The staged epoch is dropped, so that each round starts alike. */
static void work_commit(struct bench *b)
{
	const struct mls_commit_spec spec = { 0 };
	struct mls_staged *staged;

	mls_commit_out_clear(&b->empty);
	must(mls_group_commit(b->m[0].group, &spec, NOW_S, &b->empty, &staged));
	mls_staged_free(staged);
}

static void work_process(struct bench *b)
{
	struct member *last = &b->m[b->members - 1];
	struct mls_event event;

	must(mls_group_process(last->group, kk_bytes_view(&b->empty.commit),
	    NOW_S, &event));
	must(crypto_checks_run(mls_staged_checks(event.staged)));
	mls_event_clear(&event);
}

enum { PRIMITIVES = 8 }; /* of each, in a round */

static void work_sign(struct bench *b)
{
	uint8_t out[CRYPTO_SIGNATURE_MAX_BYTES];

	for (int i = 0; i < PRIMITIVES; i++) {
		size_t bytes = sizeof(out);

		must(crypto_sign(b->m[0].signer, kk_view_text("text"), out,
		    &bytes));
	}
}

static void work_verify(struct bench *b)
{
	uint8_t out[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t bytes = sizeof(out);

	must(crypto_sign(b->m[0].signer, kk_view_text("text"), out, &bytes));
	for (int i = 0; i < PRIMITIVES; i++)
		must(crypto_verify(b->suite->sig,
		    crypto_key_public(b->m[0].signer), kk_view_text("text"),
		    kk_view_of(out, bytes)));
}

struct sealed {
	struct crypto_key *key;
	uint8_t enc[CRYPTO_KEM_PUBLIC_MAX_BYTES];
	uint8_t ct[CRYPTO_HASH_MAX_BYTES + CRYPTO_AEAD_TAG_BYTES];
};

static void seal_once(const struct bench *b, struct sealed *s)
{
	static const uint8_t secret[CRYPTO_HASH_MAX_BYTES];

	must(crypto_hpke_seal(b->suite, crypto_key_public(s->key),
	    kk_view_text("info"), (struct kk_view){ 0 },
	    kk_view_of(secret, b->suite->hash_bytes), NULL, s->enc, s->ct));
}

static void work_seal(struct bench *b)
{
	struct sealed s;

	must(crypto_kem_key_generate(&s.key, b->suite->kem));
	for (int i = 0; i < PRIMITIVES; i++)
		seal_once(b, &s);
	crypto_key_free(s.key);
}

static void work_open(struct bench *b)
{
	uint8_t plain[CRYPTO_HASH_MAX_BYTES];
	struct sealed s;

	must(crypto_kem_key_generate(&s.key, b->suite->kem));
	seal_once(b, &s);
	for (int i = 0; i < PRIMITIVES; i++)
		must(crypto_hpke_open(b->suite, s.key,
		    kk_view_of(s.enc, b->suite->kem_public_bytes),
		    kk_view_text("info"), (struct kk_view){ 0 },
		    kk_view_of(s.ct,
			b->suite->hash_bytes + CRYPTO_AEAD_TAG_BYTES),
		    NULL, plain));
	crypto_key_free(s.key);
}

static void primitives_measure(struct bench *b)
{
	b->sign_ms = median_ms(b, work_sign) / PRIMITIVES;
	b->verify_ms = median_ms(b, work_verify) / PRIMITIVES;
	b->seal_ms = median_ms(b, work_seal) / PRIMITIVES;
	b->open_ms = median_ms(b, work_open) / PRIMITIVES;
}

struct row {
	const char *what;
	double ms, floor_ms;
	double known_ms, known_kb; /* 0: mlspp was not measured */
	size_t bytes; /* of the commit, or the welcome */
};

static void row_json(const struct bench *b, const struct row *row)
{
	printf("%s\n {\"suite\":%u,\"members\":%u,\"what\":\"%s\","
	       "\"cpu_ms\":%.3f,\"floor_ms\":%.3f,",
	    b->settings->is_first ? "" : ",", b->suite->id, b->members,
	    row->what, row->ms, row->floor_ms);
	printf("\"mlspp_ms\":%.0f,\"bytes\":%zu,\"mlspp_kb\":%.0f}",
	    row->known_ms, row->bytes, row->known_kb);
}

static void row_text(const struct bench *b, const struct row *row)
{
	printf("%5u %7u  %-8s %9.2f %9.2f %7.2f", b->suite->id, b->members,
	    row->what, row->ms, row->floor_ms, row->ms / row->floor_ms);
	if (row->known_ms > 0)
		printf(" %8.0f %6.2f", row->known_ms, row->ms / row->known_ms);
	else
		printf(" %8s %6s", "-", "-");
	printf(" %9zu", row->bytes);
	if (row->known_kb > 0)
		printf(" %8.0f", row->known_kb);
	printf("\n");
}

static void row_print(struct bench *b, const struct row *row)
{
	if (b->settings->is_json)
		row_json(b, row);
	else
		row_text(b, row);
	b->settings->is_first = false;
}

static struct known known_find(const struct bench *b)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(mlspp); i++) {
		if (mlspp[i].members == b->members &&
		    mlspp[i].suite == b->suite->id)
			return mlspp[i];
	}
	return (struct known){ 0 };
}

/*
 * The floor: what cannot be left out.  Creating checks each key package (two
 * signatures) and seals a welcome for it; joining checks each leaf and the
 * GroupInfo; in a tree without keys above the leaves, as it is when
 * all came in by one commit, a commit seals for each other member.  It is
 * measured anew each time, since the speed of a busy machine changes.
 */
static void group_measure(struct bench *b)
{
	const struct known known = known_find(b);
	const double others = b->members - 1;
	struct row row = { .what = "create" };

	row.ms = median_ms(b, work_create);
	row.floor_ms = others * (2 * b->verify_ms + b->seal_ms) +
	    3 * b->sign_ms;
	row.bytes = b->created.welcome.bytes;
	row_print(b, &row);
	primitives_measure(b);
	row.what = "join";
	row.ms = median_ms(b, work_join);
	row.floor_ms = (b->members + 1) * b->verify_ms + b->open_ms;
	row.known_ms = known.join_ms;
	row_print(b, &row);
	primitives_measure(b);
	row.what = "commit";
	row.ms = median_ms(b, work_commit);
	row.floor_ms = others * b->seal_ms + 2 * b->sign_ms;
	row.known_ms = known.commit_ms;
	row.known_kb = known.commit_kb;
	row.bytes = b->empty.commit.bytes;
	row_print(b, &row);
	primitives_measure(b);
	row.what = "process";
	row.ms = median_ms(b, work_process);
	row.floor_ms = 2 * b->verify_ms + b->open_ms;
	row.known_ms = known.process_ms;
	row_print(b, &row);
}

static void size_measure(struct settings *settings,
    const struct crypto_suite *suite, uint32_t members)
{
	struct bench b = { .settings = settings,
		.suite = suite,
		.members = members };

	b.m = kk_calloc(members, sizeof(*b.m));
	must(b.m ? KK_OK : KK_ENOMEM);
	for (uint32_t i = 0; i < members; i++)
		member_init(&b, i);
	primitives_measure(&b);
	if (!settings->is_json)
		printf("# suite %u: sign %.3f, verify %.3f, seal %.3f, open "
		       "%.3f ms\n",
		    suite->id, b.sign_ms, b.verify_ms, b.seal_ms, b.open_ms);
	group_measure(&b);
	(void)fflush(stdout);
	bench_clear(&b);
}

static void suite_measure(struct settings *settings, uint16_t id)
{
	static const uint32_t sizes[] = { 2, 10, 50, 100, 500 };
	const struct crypto_suite *suite = crypto_suite_get(id);

	if (!suite)
		must(KK_EUNSUP);
	if (settings->members)
		size_measure(settings, suite, (uint32_t)settings->members);
	for (size_t i = 0; !settings->members && i < KK_ARRAY_LEN(sizes); i++)
		size_measure(settings, suite, sizes[i]);
}

static void usage(FILE *to)
{
	(void)fputs("usage: bench-mls [--json] [--suite N] [--members N] "
		    "[--rounds N]\n\n",
	    to);
	(void)fputs(
	    "CPU time of making a group, joining it, an empty commit and "
	    "processing it:\n"
	    "the median of 5 rounds, 2 to 500 members, suites 2 and 7.\n"
	    "floor  what the signatures and seals alone need here and now\n"
	    "mlspp  what that library needed on another machine\n"
	    "bytes  of the welcome (create, join) or the commit\n",
	    to);
}

static unsigned long number_get(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || n < 1 || n > max) {
		usage(stderr);
		exit(2);
	}
	return n;
}

static void options_read(struct settings *settings, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (!strcmp(argv[i], "--json")) {
			settings->is_json = true;
		} else if (!strcmp(argv[i], "--suite") && has_value) {
			settings->suite = number_get(argv[++i], UINT16_MAX);
		} else if (!strcmp(argv[i], "--members") && has_value) {
			settings->members = number_get(argv[++i], MEMBERS_MAX);
		} else if (!strcmp(argv[i], "--rounds") && has_value) {
			settings->rounds = number_get(argv[++i], ROUNDS_MAX);
		} else if (!strcmp(argv[i], "--help")) {
			usage(stdout);
			exit(0);
		} else {
			usage(stderr);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct settings settings = { .rounds = 5, .is_first = true };

	options_read(&settings, argc, argv);
	if (settings.members == 1)
		settings.members = 2; /* one to commit, one to process */
	must(crypto_init());
	if (settings.is_json)
		printf("[");
	else
		printf("suite members  what        CPU ms     floor   times    "
		       "mlspp  ratio     bytes mlspp kB\n");
	if (settings.suite) {
		suite_measure(&settings, (uint16_t)settings.suite);
	} else {
		suite_measure(&settings, 2);
		suite_measure(&settings, 7);
	}
	if (settings.is_json)
		printf("\n]\n");
	return 0;
}
