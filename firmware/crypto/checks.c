/* checks.c - signature checks put off and handed out as a batch. */
#include "crypto/checks.h"

#include "crypto/labels.h"

enum { FIRST_ROOM = 16, BUCKETS = 1024 };

enum verdict { OPEN, VALID, INVALID };

struct check {
	enum crypto_sig sig;
	struct kk_bytes public, message, signature;
	enum verdict verdict;
	uint32_t next; /* 1 + index of the next one in its bucket */
};

struct crypto_checks {
	struct check *checks;
	size_t count, room;
	size_t total_bytes;
	bool has_failed;
	uint32_t buckets[BUCKETS]; /* 1 + index of the latest check; 0 none */
};

enum kk_err crypto_checks_new(struct crypto_checks **checksp)
{
	struct crypto_checks *checks = kk_calloc(1, sizeof(*checks));

	if (!checks)
		return KK_ENOMEM;
	*checksp = checks;
	return KK_OK;
}

static void check_clear(struct check *check)
{
	kk_bytes_clear(&check->public);
	kk_bytes_clear(&check->message);
	kk_bytes_clear(&check->signature);
}

void crypto_checks_free(struct crypto_checks *checks)
{
	if (!checks)
		return;
	for (size_t i = 0; i < checks->count; i++)
		check_clear(&checks->checks[i]);
	kk_free(checks->checks);
	kk_free(checks);
}

/* FNV-1a: only spreads checks over buckets, the comparison is by bytes. */
static uint32_t *checks_bucket(struct crypto_checks *checks,
    struct kk_view signature)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < signature.bytes; i++)
		h = (h ^ signature.data[i]) * 16777619u;
	return &checks->buckets[(h ^ h >> 16) % BUCKETS];
}

static bool check_equals(const struct check *a, const struct crypto_check *b)
{
	return a->sig == b->sig &&
	    kk_view_equal(kk_bytes_view(&a->signature), b->signature) &&
	    kk_view_equal(kk_bytes_view(&a->public), b->public) &&
	    kk_view_equal(kk_bytes_view(&a->message), b->message);
}

static bool checks_has(const struct crypto_checks *checks, uint32_t first,
    const struct crypto_check *wanted)
{
	for (uint32_t at = first; at; at = checks->checks[at - 1].next)
		if (check_equals(&checks->checks[at - 1], wanted))
			return true;
	return false;
}

static enum kk_err checks_grow(struct crypto_checks *checks)
{
	size_t room = checks->room ? 2 * checks->room : FIRST_ROOM;
	struct check *grown;

	if (checks->count < checks->room)
		return KK_OK;
	grown = kk_regrow(checks->checks, checks->room, room, sizeof(*grown));
	if (!grown)
		return KK_ENOMEM;
	checks->checks = grown;
	checks->room = room;
	return KK_OK;
}

static enum kk_err check_copy(struct check *check,
    const struct crypto_check *from)
{
	enum kk_err err;

	*check = (struct check){ .sig = from->sig };
	err = kk_bytes_copy(&check->public, from->public);
	if (!err)
		err = kk_bytes_copy(&check->message, from->message);
	if (!err)
		err = kk_bytes_copy(&check->signature, from->signature);
	if (err)
		check_clear(check);
	return err;
}

static bool checks_have_room(const struct crypto_checks *checks,
    const struct crypto_check *check)
{
	size_t left = CRYPTO_CHECKS_MAX_BYTES - checks->total_bytes;

	if (checks->count >= CRYPTO_CHECKS_MAX || check->public.bytes > left)
		return false;
	left -= check->public.bytes;
	if (check->message.bytes > left)
		return false;
	return check->signature.bytes <= left - check->message.bytes;
}

enum kk_err crypto_checks_add(struct crypto_checks *checks, enum crypto_sig sig,
    struct kk_view public, struct kk_view message, struct kk_view signature)
{
	const struct crypto_check added = { sig, public, message, signature };
	uint32_t *bucket = checks_bucket(checks, signature);
	struct check *check;
	enum kk_err err;

	if (checks_has(checks, *bucket, &added))
		return KK_OK;
	if (!checks_have_room(checks, &added))
		return KK_ELIMIT;
	err = checks_grow(checks);
	if (err)
		return err;
	check = &checks->checks[checks->count];
	err = check_copy(check, &added);
	if (err)
		return err;
	check->next = *bucket;
	*bucket = (uint32_t)++checks->count;
	checks->total_bytes += public.bytes + message.bytes + signature.bytes;
	return KK_OK;
}

enum kk_err crypto_checks_add_with_label(struct crypto_checks *checks,
    enum crypto_sig sig, struct kk_view public, const char *label,
    struct kk_view content, struct kk_view signature)
{
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	crypto_label_write(&w, label, content);
	err = w.err;
	if (!err)
		err = crypto_checks_add(checks, sig, public, kk_writer_view(&w),
		    signature);
	kk_writer_clear(&w);
	return err;
}

size_t crypto_checks_count(const struct crypto_checks *checks)
{
	return checks->count;
}

enum kk_err crypto_checks_get(const struct crypto_checks *checks, size_t index,
    struct crypto_check *check)
{
	const struct check *from;

	if (index >= checks->count)
		return KK_EINVAL;
	from = &checks->checks[index];
	*check = (struct crypto_check){ from->sig, kk_bytes_view(&from->public),
		kk_bytes_view(&from->message),
		kk_bytes_view(&from->signature) };
	return KK_OK;
}

enum kk_err crypto_checks_confirm(struct crypto_checks *checks, size_t index,
    bool is_valid)
{
	struct check *check;

	if (index >= checks->count)
		return KK_EINVAL;
	check = &checks->checks[index];
	if (check->verdict != INVALID)
		check->verdict = is_valid ? VALID : INVALID;
	if (!is_valid)
		checks->has_failed = true;
	return KK_OK;
}

enum kk_err crypto_checks_run(struct crypto_checks *checks)
{
	for (size_t i = 0; i < checks->count && !checks->has_failed; i++) {
		struct check *check = &checks->checks[i];
		enum kk_err err;

		if (check->verdict != OPEN)
			continue;
		err = crypto_verify(check->sig, kk_bytes_view(&check->public),
		    kk_bytes_view(&check->message),
		    kk_bytes_view(&check->signature));
		if (err && err != KK_EVERIFY)
			return err; /* no verdict: may be run again */
		err = crypto_checks_confirm(checks, i, !err);
		if (err)
			return err;
	}
	return crypto_checks_done(checks);
}

enum kk_err crypto_checks_done(const struct crypto_checks *checks)
{
	if (checks->has_failed)
		return KK_EVERIFY;
	for (size_t i = 0; i < checks->count; i++)
		if (checks->checks[i].verdict != VALID)
			return KK_ESTATE;
	return KK_OK;
}
