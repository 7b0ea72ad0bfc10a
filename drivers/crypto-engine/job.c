/* job.c - jobs, done and sampled, and what follows a wrong answer. */
#include <string.h>

#include "drivers/crypto-engine/engine_internal.h"

/* --- one engine, one job -------------------------------------------------- */

void engine_ops_seal_many(const struct engine *engine,
    enum engine_cipher cipher, struct engine_job *jobs, size_t count)
{
	if (engine->ops->seal_many) {
		engine->ops->seal_many(engine->device, cipher, jobs, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		jobs[i].err = engine->ops->seal(engine->device, cipher,
		    &jobs[i]);
}

/* The key in the engine's own form; made once. */
static enum kk_err state_get(struct engine_set *set, size_t at,
    struct engine_job *job)
{
	const struct engine *engine = &set->engines[at];
	struct engine_key *key = job->key;
	enum kk_err err = KK_OK;

	if (!key->state[at])
		err = engine->ops->key_new(engine->device, &key->state[at],
		    key->cipher, &key->secret);
	job->state = key->state[at];
	return err;
}

static enum kk_err ops_run(const struct engine *engine,
    enum engine_cipher cipher, struct engine_job *job, bool is_seal)
{
	return is_seal ? engine->ops->seal(engine->device, cipher, job) :
			 engine->ops->open(engine->device, cipher, job);
}

static bool is_inside(const uint8_t *data, size_t bytes, struct kk_view run)
{
	const uintptr_t at = (uintptr_t)data, start = (uintptr_t)run.data;

	return at >= start && at - start <= run.bytes &&
	    bytes <= run.bytes - (at - start);
}

static bool is_sound(const struct engine_job *job, bool is_seal)
{
	if (job->in.bytes > ENGINE_RUN_MAX_BYTES ||
	    job->aad.bytes > ENGINE_AAD_MAX_BYTES ||
	    job->auth.bytes > ENGINE_RUN_MAX_BYTES)
		return false;
	return !is_seal || job->key->cipher != ENGINE_AES128_CM_SHA1 ||
	    is_inside(job->out, job->in.bytes, job->auth);
}

/* A job whose input is gone cannot be done again. */
static bool is_in_place(const struct engine_job *job)
{
	return job->in.bytes > 0 && job->in.data == job->out;
}

/* --- the sample ----------------------------------------------------------- */

struct check { /* a job's second answer */
	size_t by; /* ENGINE_ENGINES_MAX: nobody could */
	struct engine_job job; /* writes into scratch */
	uint8_t tag[ENGINE_GCM_TAG_BYTES];
	enum kk_err err;
};

static void check_lay_out(struct engine_set *set, struct check *check,
    const struct engine_job *job, bool is_seal)
{
	check->job = *job;
	check->job.out = set->scratch;
	if (!is_seal)
		return;
	check->job.tag = check->tag;
	if (job->key->cipher != ENGINE_AES128_CM_SHA1)
		return;
	if (job->auth.bytes > 0)
		memcpy(set->scratch, job->auth.data, job->auth.bytes);
	check->job.auth.data = set->scratch;
	check->job.out = set->scratch +
	    ((uintptr_t)job->out - (uintptr_t)job->auth.data);
}

/* Before the job itself, which may be in place.  The checker's form of the key
 * is not kept: most keys are never sampled. */
static void check_begin(struct engine_set *set, struct check *check,
    const struct engine_job *job, size_t serving, bool is_seal)
{
	const enum engine_cipher cipher = job->key->cipher;
	struct engine *engine;
	void *state = NULL;

	check->by = engine_best(set, cipher, ENGINE_ONE, serving);
	if (check->by == ENGINE_ENGINES_MAX)
		return;
	engine = &set->engines[check->by];
	if (engine->ops->key_new(engine->device, &state, cipher,
		&job->key->secret)) {
		check->by = ENGINE_ENGINES_MAX;
		return;
	}
	check_lay_out(set, check, job, is_seal);
	check->job.state = state;
	check->err = ops_run(engine, cipher, &check->job, is_seal);
	engine->ops->key_free(engine->device, cipher, state);
}

static bool is_same(const struct check *check, const struct engine_job *job,
    enum kk_err err, bool is_seal)
{
	if (err != check->err)
		return false;
	if (err)
		return true;
	if (is_seal &&
	    memcmp(job->tag, check->tag, engine_tag_bytes(job->key->cipher)) !=
		0)
		return false;
	return job->in.bytes == 0 ||
	    memcmp(job->out, check->job.out, job->in.bytes) == 0;
}

/* The two differ: whoever fails at the vectors now is out.  If neither does, it
 * is the one that serves, for it has more to spoil. */
static void blame(struct engine_set *set, size_t serving, size_t by,
    enum engine_cipher cipher)
{
	const bool is_checker_wrong = engine_vectors_check(&set->engines[by],
					  cipher) != KK_OK;

	if (!is_checker_wrong ||
	    engine_vectors_check(&set->engines[serving], cipher))
		engine_take_out(set, &set->engines[serving], "wrong-result");
	if (is_checker_wrong)
		engine_take_out(set, &set->engines[by], "wrong-result");
}

/* The checker's answer takes the job's place. */
static enum kk_err answer_take(const struct check *check,
    struct engine_job *job, bool is_seal)
{
	if (job->in.bytes > 0)
		memcpy(job->out, check->job.out, job->in.bytes);
	if (is_seal)
		memcpy(job->tag, check->tag,
		    engine_tag_bytes(job->key->cipher));
	return check->err;
}

/* Returns the answer that stands. */
static enum kk_err check_end(struct engine_set *set, struct check *check,
    struct engine_job *job, size_t serving, enum kk_err err, bool is_seal)
{
	if (check->by == ENGINE_ENGINES_MAX)
		return err;
	set->engines[serving].checks++;
	if (err != KK_ECRYPTO && !is_same(check, job, err, is_seal)) {
		blame(set, serving, check->by, job->key->cipher);
		if (set->engines[check->by].is_out)
			err = set->engines[serving].is_out ? KK_ECRYPTO : err;
		else
			err = answer_take(check, job, is_seal);
	}
	kk_wipe(set->scratch, sizeof(set->scratch));
	return err;
}

static bool is_due(struct engine_set *set, size_t count)
{
	set->since_check += (unsigned)count;
	if (set->since_check < set->check_every)
		return false;
	set->since_check = 0;
	return true;
}

/* --- single jobs ---------------------------------------------------------- */

static enum kk_err checked_run(struct engine_set *set, size_t at,
    struct engine_job *job, bool is_seal)
{
	struct check check;
	enum kk_err err;

	check_begin(set, &check, job, at, is_seal);
	err = ops_run(&set->engines[at], job->key->cipher, job, is_seal);
	return check_end(set, &check, job, at, err, is_seal);
}

static enum kk_err once_run(struct engine_set *set, size_t at,
    struct engine_job *job, bool is_seal)
{
	struct engine *engine = &set->engines[at];
	enum kk_err err = state_get(set, at, job);

	if (err == KK_ENOMEM)
		return err;
	engine->jobs++;
	if (!err)
		err = is_due(set, 1) ?
		    checked_run(set, at, job, is_seal) :
		    ops_run(engine, job->key->cipher, job, is_seal);
	if (err == KK_ECRYPTO && !engine->is_out)
		engine_take_out(set, engine, "failure");
	return err;
}

static enum kk_err job_run(struct engine_set *set, struct engine_job *job,
    bool is_seal)
{
	const enum engine_cipher cipher = job->key->cipher;

	if (!is_sound(job, is_seal))
		return KK_EINVAL;
	for (;;) { /* each turn has one engine less */
		const size_t at = set->serving[cipher][ENGINE_ONE];
		enum kk_err err;

		if (at == ENGINE_ENGINES_MAX)
			return KK_ECRYPTO;
		err = once_run(set, at, job, is_seal);
		if (err != KK_ECRYPTO || is_in_place(job))
			return err;
	}
}

enum kk_err engine_seal(struct engine_set *set, struct engine_job *job)
{
	return job_run(set, job, true);
}

enum kk_err engine_open(struct engine_set *set, struct engine_job *job)
{
	return job_run(set, job, false);
}

/* --- runs of jobs --------------------------------------------------------- */

/* How many jobs from here on can go together: of one cipher, with keys that the
 * engine has.  The job that ends the run has its err. */
static size_t run_length(struct engine_set *set, size_t at,
    struct engine_job *jobs, size_t count)
{
	const enum engine_cipher cipher = jobs[0].key->cipher;
	size_t i;

	for (i = 0; i < count && i < ENGINE_MANY_MAX; i++) {
		if (jobs[i].key->cipher != cipher)
			break;
		jobs[i].err = KK_EINVAL;
		if (is_sound(&jobs[i], true))
			jobs[i].err = state_get(set, at, &jobs[i]);
		if (jobs[i].err)
			break;
	}
	return i;
}

static void redo(struct engine_set *set, struct engine_job *job)
{
	job->err = is_in_place(job) ? KK_ECRYPTO : engine_seal(set, job);
}

static void run_seal(struct engine_set *set, size_t at, struct engine_job *jobs,
    size_t count)
{
	const enum engine_cipher cipher = jobs[0].key->cipher;
	struct engine *engine = &set->engines[at];
	struct check check = { .by = ENGINE_ENGINES_MAX };

	if (is_due(set, count))
		check_begin(set, &check, &jobs[0], at, true);
	engine_ops_seal_many(engine, cipher, jobs, count);
	engine->jobs += count;
	jobs[0].err = check_end(set, &check, &jobs[0], at, jobs[0].err, true);
	for (size_t i = 0; !engine->is_out && i < count; i++) {
		if (jobs[i].err == KK_ECRYPTO)
			engine_take_out(set, engine, "failure");
	}
	/* What came of it with the wrong answer is not to be trusted. */
	for (size_t i = 0; engine->is_out && i < count; i++)
		redo(set, &jobs[i]);
}

void engine_seal_many(struct engine_set *set, struct engine_job *jobs,
    size_t count)
{
	for (size_t done = 0; done < count;) {
		struct engine_job *from = jobs + done;
		const size_t at = set->serving[from->key->cipher][ENGINE_MANY];
		size_t run = 0;

		if (at == ENGINE_ENGINES_MAX)
			from->err = KK_ECRYPTO;
		else
			run = run_length(set, at, from, count - done);
		if (run > 0) {
			run_seal(set, at, from, run);
		} else {
			if (from->err == KK_ECRYPTO &&
			    at != ENGINE_ENGINES_MAX) {
				engine_take_out(set, &set->engines[at],
				    "failure");
				redo(set, from);
			}
			run = 1;
		}
		done += run;
	}
}
