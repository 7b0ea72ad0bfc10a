/* engine.c - tests of the engines and of who serves. */
#include "drivers/crypto-engine/engine.h"

#include <stdio.h>
#include <string.h>

#include "drivers/crypto-engine/engine_internal.h"
#include "drivers/crypto-engine/sandbox.h"
#include "harness/tap.h"
#include "mock/alloc.h"

enum { TEXT_BYTES = 300, HEAD_BYTES = 12, ROOM_BYTES = 400, LOG_BYTES = 8192 };

/* --- a set and its log ---------------------------------------------------- */

struct world {
	struct engine_sandbox sandbox;
	struct engine_set *set;
	struct kk_log log;
	char lines[LOG_BYTES];
	size_t line_bytes;
};

static void line_add(void *arg, enum kk_log_level level, const char *line)
{
	struct world *w = arg;
	int n = snprintf(w->lines + w->line_bytes, LOG_BYTES - w->line_bytes,
	    "%s %s\n", kk_log_level_name(level), line);

	CHECK(n > 0 && (size_t)n < LOG_BYTES - w->line_bytes);
	w->line_bytes += (size_t)n;
}

static enum kk_err world_make(struct world *w, enum engine_fault fault,
    struct engine_config config)
{
	memset(w, 0, sizeof(*w));
	w->sandbox.fault = fault;
	w->log = (struct kk_log){ .fn = line_add,
		.arg = w,
		.module = "test",
		.level = KK_LOG_INFO };
	config.log = &w->log;
	config.sandbox = &w->sandbox;
	return engine_set_new(&w->set, &config);
}

static enum kk_err world_init(struct world *w, const char *wanted,
    enum engine_fault fault, unsigned check_every)
{
	return world_make(w, fault,
	    (struct engine_config){ .wanted = wanted,
		.check_every = check_every });
}

static enum kk_err world_init_like(struct world *w,
    const struct engine_set *like, enum engine_fault fault)
{
	return world_make(w, fault, (struct engine_config){ .like = like });
}

static void world_clear(struct world *w)
{
	engine_set_free(w->set);
}

static struct engine_report report_of(const struct world *w, const char *name)
{
	struct engine_report report;

	for (size_t i = 0; i < engine_set_count(w->set); i++) {
		engine_set_report(w->set, i, &report);
		if (!strcmp(report.name, name))
			return report;
	}
	tap_fail(TAP_HERE, "an engine of this name", KK_OK);
	return (struct engine_report){ 0 };
}

static const char *serving(const struct world *w, enum engine_cipher cipher,
    enum engine_mode mode)
{
	struct engine_report report;
	const char *name = NULL;

	for (size_t i = 0; i < engine_set_count(w->set); i++) {
		engine_set_report(w->set, i, &report);
		if (!report.serves[cipher][mode])
			continue;
		CHECK(!name);
		name = report.name;
	}
	CHECK(name);
	return name;
}

/* --- packets -------------------------------------------------------------- */

struct packet {
	uint8_t iv[ENGINE_CM_IV_BYTES];
	uint8_t text[TEXT_BYTES];
	uint8_t run[ROOM_BYTES]; /* head, text, and the tag behind it */
	uint8_t opened[TEXT_BYTES];
	uint8_t tag[ENGINE_GCM_TAG_BYTES];
};

static struct engine_key *key_make(const struct world *w,
    enum engine_cipher cipher, uint8_t seed)
{
	uint8_t bytes[ENGINE_KEY_MAX_BYTES];
	struct engine_key *key = NULL;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(seed + i);
	CHECK_OK(engine_key_new(&key, w->set, cipher,
	    kk_view_of(bytes, engine_key_bytes(cipher)),
	    kk_view_of(bytes,
		cipher == ENGINE_AES128_CM_SHA1 ? ENGINE_AUTH_KEY_BYTES : 0)));
	return key;
}

static struct engine_job seal_job(struct packet *p, struct engine_key *key,
    uint8_t seed)
{
	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < TEXT_BYTES; i++)
		p->text[i] = (uint8_t)(seed * i);
	p->iv[0] = seed;
	return (struct engine_job){ .key = key,
		.iv = p->iv,
		.aad = kk_view_of(p->run, HEAD_BYTES),
		.auth = kk_view_of(p->run, HEAD_BYTES + TEXT_BYTES + 4),
		.in = kk_view_of(p->text, TEXT_BYTES),
		.out = p->run + HEAD_BYTES,
		.tag = p->tag,
		.err = KK_ESTATE };
}

static struct engine_job open_job(struct packet *p, struct engine_key *key)
{
	struct engine_job job = seal_job(&(struct packet){ 0 }, key, 0);

	job.iv = p->iv;
	job.aad.data = job.auth.data = p->run;
	job.in.data = p->run + HEAD_BYTES;
	job.out = p->opened;
	job.tag = p->tag;
	return job;
}

/* Sealed and opened as it should be, whoever does it. */
static void pass(const struct world *w, struct engine_key *key, uint8_t seed)
{
	struct packet p;
	struct engine_job job = seal_job(&p, key, seed);

	CHECK_OK(engine_seal(w->set, &job));
	job = open_job(&p, key);
	CHECK_OK(engine_open(w->set, &job));
	CHECK_MEM(p.opened, p.text, TEXT_BYTES);
	p.tag[3] ^= 4;
	CHECK_ERR(engine_open(w->set, &job), KK_EAUTH);
}

#define EACH_CIPHER(c) \
	for (enum engine_cipher c = 0; (c) < ENGINE_CIPHER_COUNT; (c)++)

/* --- the choice ----------------------------------------------------------- */

TEST(set_tells_what_it_measured_and_who_serves)
{
	struct world w;

	CHECK_OK(world_init(&w, NULL, ENGINE_FAULT_NONE, 0));
	EACH_CIPHER(c)
	{
		for (enum engine_mode m = 0; m < ENGINE_MODE_COUNT; m++) {
			const struct engine_report best = report_of(&w,
			    serving(&w, c, m));

			CHECK(!best.is_out && best.is_here);
			for (size_t i = 0; i < engine_set_count(w.set); i++) {
				struct engine_report other;

				engine_set_report(w.set, i, &other);
				CHECK(!other.is_here ||
				    other.ns[c][m] >= best.ns[c][m]);
				CHECK(!other.is_here == !other.ns[c][m]);
			}
		}
		CHECK(strstr(w.lines, engine_cipher_name(c)));
	}
	CHECK(strstr(w.lines, "name=openssl"));
	CHECK(strstr(w.lines, "name=sandbox"));
	CHECK(!strstr(w.lines, "error"));
	world_clear(&w);
}

TEST(wanted_engine_serves_all_it_can)
{
	static const char *const names[] = { "openssl",
#ifdef KK_CRYPTO_ENGINE_IPSEC_MB
		"ipsec-mb",
#endif
		"sandbox" };
	struct world w;

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		CHECK_OK(world_init(&w, names[i], ENGINE_FAULT_NONE, 0));
		EACH_CIPHER(c)
		{
			CHECK_STR(serving(&w, c, ENGINE_ONE), names[i]);
			CHECK_STR(serving(&w, c, ENGINE_MANY), names[i]);
		}
		world_clear(&w);
	}
	CHECK_ERR(world_init(&w, "abacus", ENGINE_FAULT_NONE, 0), KK_ENOENT);
}

TEST(engine_that_fails_the_vectors_is_never_offered)
{
	static const enum engine_fault faults[] = { ENGINE_FAULT_TEXT,
		ENGINE_FAULT_TAG, ENGINE_FAULT_ACCEPT, ENGINE_FAULT_ERROR,
		ENGINE_FAULT_KEY };
	struct world w;

	for (size_t i = 0; i < KK_ARRAY_LEN(faults); i++) {
		CHECK_ERR(world_init(&w, "sandbox", faults[i], 0), KK_ENOENT);
		CHECK(strstr(w.lines,
		    "out name=sandbox reason=known-answer-test"));
		CHECK_OK(world_init(&w, NULL, faults[i], 0));
		CHECK(report_of(&w, "sandbox").is_out);
		CHECK_EQ(report_of(&w, "sandbox").faults, 1);
		EACH_CIPHER(c)
		CHECK(strcmp(serving(&w, c, ENGINE_ONE), "sandbox"));
		world_clear(&w);
	}
}

TEST(a_set_like_another_takes_its_measurements_and_tests_for_itself)
{
	struct engine_report a, b;
	struct world first, second;

	CHECK_OK(world_init(&first, NULL, ENGINE_FAULT_NONE, 0));
	CHECK_OK(world_init_like(&second, first.set, ENGINE_FAULT_NONE));
	for (size_t i = 0; i < engine_set_count(first.set); i++) {
		engine_set_report(first.set, i, &a);
		engine_set_report(second.set, i, &b);
		CHECK_STR(a.name, b.name);
		CHECK_MEM(a.ns, b.ns, sizeof(a.ns));
		CHECK_MEM(a.serves, b.serves, sizeof(a.serves));
	}
	CHECK(strstr(first.lines, "one_ns=") != NULL);
	CHECK(strstr(second.lines, "one_ns=") == NULL);
	world_clear(&second);
	CHECK_OK(world_init_like(&second, first.set, ENGINE_FAULT_TAG));
	CHECK(report_of(&second, "sandbox").is_out);
	CHECK(!report_of(&first, "sandbox").is_out);
	world_clear(&second);
	world_clear(&first);
}

TEST(a_set_measures_what_the_other_could_not)
{
	struct world first, second;

	CHECK_OK(world_init(&first, NULL, ENGINE_FAULT_TAG, 0));
	CHECK(report_of(&first, "sandbox").is_out);
	CHECK_OK(world_init_like(&second, first.set, ENGINE_FAULT_NONE));
	CHECK(report_of(&second, "sandbox").ns[0][ENGINE_ONE] > 0);
	world_clear(&second);
	world_clear(&first);
}

TEST(set_survives_failed_allocations)
{
	struct engine_set *set = NULL;
	const struct engine_config config = { .log = NULL };
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, engine_set_new(&set, &config));
	CHECK_OK(err);
	engine_set_free(set);
	engine_set_free(NULL);
}

/* --- jobs ----------------------------------------------------------------- */

TEST(all_engines_do_all_ciphers)
{
	struct world w;

	CHECK_OK(world_init(&w, NULL, ENGINE_FAULT_NONE, 1));
	EACH_CIPHER(c)
	{
		struct engine_key *key = key_make(&w, c, 1);

		for (uint8_t seed = 0; seed < 20; seed++)
			pass(&w, key, seed);
		engine_key_free(key);
	}
	for (size_t i = 0; i < engine_set_count(w.set); i++) {
		struct engine_report report;

		engine_set_report(w.set, i, &report);
		CHECK(!report.is_out && report.faults == 0);
	}
	engine_key_free(NULL);
	world_clear(&w);
}

TEST(kernel_serves_where_it_has_ciphers_for_us)
{
	struct world w;
	enum kk_err err = world_init(&w, "af-alg", ENGINE_FAULT_NONE, 1);

	if (err == KK_ENOENT && strstr(w.lines, "not on this machine"))
		SKIP("this kernel has no AF_ALG");
	CHECK_OK(err);
	EACH_CIPHER(c)
	{
		struct engine_key *key = key_make(&w, c, 1);

		CHECK_STR(serving(&w, c, ENGINE_ONE), "af-alg");
		for (uint8_t seed = 0; seed < 20; seed++)
			pass(&w, key, seed);
		engine_key_free(key);
	}
	CHECK_EQ(report_of(&w, "af-alg").faults, 0);
	CHECK(report_of(&w, "af-alg").checks > 0);
	world_clear(&w);
}

TEST(many_under_many_keys_are_what_each_is_alone)
{
	enum { COUNT = 150 };
	static struct packet many[COUNT], alone[COUNT];
	static struct engine_job jobs[COUNT];
	struct engine_key *keys[COUNT];
	struct world w;

	CHECK_OK(world_init(&w, NULL, ENGINE_FAULT_NONE, 7));
	for (size_t i = 0; i < COUNT; i++) {
		/* Runs of one cipher, and a mixture behind them. */
		keys[i] = key_make(&w,
		    (i < 100 ? i / 70 : i) % ENGINE_CIPHER_COUNT, (uint8_t)i);
		jobs[i] = seal_job(&many[i], keys[i], (uint8_t)i);
	}
	engine_seal_many(w.set, jobs, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		struct engine_job job = seal_job(&alone[i], keys[i],
		    (uint8_t)i);

		CHECK_OK(jobs[i].err);
		CHECK_OK(engine_seal(w.set, &job));
		CHECK_MEM(&many[i], &alone[i], sizeof(many[i]));
		engine_key_free(keys[i]);
	}
	world_clear(&w);
}

TEST(what_does_not_fit_is_refused)
{
	static uint8_t big[ENGINE_RUN_MAX_BYTES + 1];
	struct engine_key *key = NULL;
	struct engine_job job;
	struct packet p;
	struct world w;

	CHECK_OK(world_init(&w, NULL, ENGINE_FAULT_NONE, 0));
	CHECK_ERR(engine_key_new(&key, w.set, ENGINE_AES256_GCM,
		      kk_view_of(big, 16), kk_view_of(NULL, 0)),
	    KK_EINVAL);
	CHECK_ERR(engine_key_new(&key, w.set, ENGINE_AES128_CM_SHA1,
		      kk_view_of(big, 16), kk_view_of(NULL, 0)),
	    KK_EINVAL);
	CHECK(!key);
	CHECK_ERR(engine_keystream(w.set, kk_view_of(big, 17), p.iv, p.run, 9),
	    KK_EINVAL);
	key = key_make(&w, ENGINE_AES128_CM_SHA1, 1);
	job = seal_job(&p, key, 1);
	job.in = kk_view_of(big, sizeof(big));
	CHECK_ERR(engine_seal(w.set, &job), KK_EINVAL);
	job = seal_job(&p, key, 1);
	job.auth.bytes = HEAD_BYTES + TEXT_BYTES - 1; /* out sticks out */
	CHECK_ERR(engine_seal(w.set, &job), KK_EINVAL);
	engine_seal_many(w.set, &job, 1);
	CHECK_ERR(job.err, KK_EINVAL);
	engine_key_free(key);
	world_clear(&w);
}

TEST(keystream_is_that_of_rfc_3711)
{
	/* B.2; the IV is the session salt, and counts from 0. */
	static const uint8_t key[] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2,
		0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
	static const uint8_t iv[] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6,
		0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0x00, 0x00 };
	static const uint8_t want[] = { 0xe0, 0x3e, 0xad, 0x09, 0x35, 0xc9,
		0x5e, 0x80, 0xe1, 0x66, 0xb1, 0x6d, 0xd9, 0x2b, 0x4e, 0xb4,
		0xd2, 0x35, 0x13 };
	uint8_t got[sizeof(want)];
	struct world w;

	CHECK_OK(world_init(&w, NULL, ENGINE_FAULT_NONE, 0));
	for (size_t i = 0; i < 2; i++) { /* nothing stays from before */
		CHECK_OK(engine_keystream(w.set, kk_view_of(key, sizeof(key)),
		    iv, got, sizeof(got)));
		CHECK_MEM(got, want, sizeof(want));
	}
	world_clear(&w);
}

/* --- faults while it serves ----------------------------------------------- */

static void check_is_out(const struct world *w)
{
	CHECK(report_of(w, "sandbox").is_out);
	CHECK_EQ(report_of(w, "sandbox").faults, 1);
	CHECK(!report_of(w, "openssl").is_out);
	EACH_CIPHER(c)
	{
		CHECK(strcmp(serving(w, c, ENGINE_ONE), "sandbox"));
		CHECK(strcmp(serving(w, c, ENGINE_MANY), "sandbox"));
	}
	CHECK(strstr(w->lines, "crypto engine is out name=sandbox"));
}

TEST(wrong_result_takes_the_engine_out_and_its_packet_is_right)
{
	static const enum engine_fault faults[] = { ENGINE_FAULT_TEXT,
		ENGINE_FAULT_TAG, ENGINE_FAULT_ERROR, ENGINE_FAULT_KEY };
	struct world w;

	for (size_t i = 0; i < KK_ARRAY_LEN(faults); i++) {
		EACH_CIPHER(c)
		{
			struct engine_key *old, *fresh;

			CHECK_OK(world_init(&w, "sandbox", ENGINE_FAULT_NONE,
			    1));
			old = key_make(&w, c, 1);
			fresh = key_make(&w, c, 2);
			pass(&w, old, 1);
			CHECK_STR(serving(&w, c, ENGINE_ONE), "sandbox");
			w.sandbox.fault = faults[i];
			pass(&w, fresh, 2); /* each packet is checked */
			check_is_out(&w);
			pass(&w, old, 3); /* keys go on elsewhere */
			engine_key_free(old);
			engine_key_free(fresh);
			world_clear(&w);
		}
	}
}

TEST(forgery_that_an_engine_accepts_is_refused_and_takes_it_out)
{
	struct world w;

	EACH_CIPHER(c)
	{
		struct engine_key *key;

		CHECK_OK(world_init(&w, "sandbox", ENGINE_FAULT_NONE, 1));
		key = key_make(&w, c, 1);
		w.sandbox.fault = ENGINE_FAULT_ACCEPT;
		pass(&w, key, 9); /* ends with a forgery */
		check_is_out(&w);
		engine_key_free(key);
		world_clear(&w);
	}
}

TEST(wrong_result_among_many_has_them_all_done_again)
{
	enum { COUNT = 40 };
	static const enum engine_fault faults[] = { ENGINE_FAULT_TEXT,
		ENGINE_FAULT_TAG, ENGINE_FAULT_ERROR, ENGINE_FAULT_KEY };
	static struct packet packets[COUNT];
	static struct engine_job jobs[COUNT];
	struct engine_key *keys[COUNT];
	struct world w;

	for (size_t f = 0; f < KK_ARRAY_LEN(faults); f++) {
		CHECK_OK(world_init(&w, "sandbox", ENGINE_FAULT_NONE, COUNT));
		for (size_t i = 0; i < COUNT; i++) {
			keys[i] = key_make(&w, ENGINE_AES128_CM_SHA1,
			    (uint8_t)i);
			jobs[i] = seal_job(&packets[i], keys[i], (uint8_t)i);
		}
		w.sandbox.fault = faults[f];
		engine_seal_many(w.set, jobs, COUNT);
		check_is_out(&w);
		for (size_t i = 0; i < COUNT; i++) {
			CHECK_OK(jobs[i].err);
			jobs[i] = open_job(&packets[i], keys[i]);
			CHECK_OK(engine_open(w.set, &jobs[i]));
			CHECK_MEM(packets[i].opened, packets[i].text,
			    TEXT_BYTES);
			engine_key_free(keys[i]);
		}
		world_clear(&w);
	}
}

TEST(sample_is_one_of_so_many)
{
	struct engine_key *key;
	struct world w;

	CHECK_OK(world_init(&w, "sandbox", ENGINE_FAULT_NONE, 10));
	key = key_make(&w, ENGINE_AES128_GCM, 1);
	for (uint8_t i = 0; i < 100; i++) {
		struct packet p;
		struct engine_job job = seal_job(&p, key, i);

		CHECK_OK(engine_seal(w.set, &job));
	}
	CHECK_EQ(report_of(&w, "sandbox").checks, 10);
	CHECK_EQ(report_of(&w, "sandbox").jobs, 100);
	engine_key_free(key);
	world_clear(&w);
}

TEST(sample_leaves_no_text_behind)
{
	static const uint8_t zeros[ENGINE_RUN_MAX_BYTES] = { 0 };
	struct engine_key *key;
	struct world w;

	CHECK_OK(world_init(&w, NULL, ENGINE_FAULT_NONE, 1));
	EACH_CIPHER(c)
	{
		key = key_make(&w, c, 1);
		pass(&w, key, 1);
		CHECK_MEM(w.set->scratch, zeros, sizeof(zeros));
		engine_key_free(key);
	}
	CHECK(report_of(&w, serving(&w, 0, ENGINE_ONE)).checks > 0);
	world_clear(&w);
}

TEST(wrong_checker_goes_and_the_engine_that_serves_stays)
{
	struct world w;

	EACH_CIPHER(c)
	{
		struct engine_key *key;

		CHECK_OK(world_init(&w, "openssl", ENGINE_FAULT_NONE, 1));
		/* The best of the rest checks. */
		for (size_t i = 0; i < w.set->count; i++) {
			if (w.set->engines[i].ops == &engine_sandbox_ops)
				w.set->engines[i].ns[c][ENGINE_ONE] = 0;
		}
		key = key_make(&w, c, 1);
		pass(&w, key, 1);
		CHECK(!report_of(&w, "sandbox").is_out);
		w.sandbox.fault = ENGINE_FAULT_TEXT;
		pass(&w, key, 2);
		check_is_out(&w);
		CHECK_STR(serving(&w, c, ENGINE_ONE), "openssl");
		engine_key_free(key);
		world_clear(&w);
	}
}

TEST(job_without_memory_for_its_key_is_told_and_can_be_done_again)
{
	struct engine_key *key;
	struct engine_job job;
	struct packet p;
	struct world w;
	enum kk_err err;

	CHECK_OK(world_init(&w, NULL, ENGINE_FAULT_NONE, 0));
	EACH_CIPHER(c)
	{
		key = key_make(&w, c, 1);
		job = seal_job(&p, key, 1);
		ALLOC_FAULT_LOOP(err, engine_seal(w.set, &job));
		CHECK_OK(err);
		pass(&w, key, 1);
		engine_key_free(key);
	}
	CHECK(!strstr(w.lines, "is out"));
	world_clear(&w);
}
