/* table.c - the request table. */
#include "call/table.h"

enum { MILLI = 1000 }; /* a call costs as many credits */

/* A bucket that fills by per_second credits each millisecond. */
struct bucket {
	uint64_t credits;
	uint64_t filled_ms;
	uint64_t used;
	bool is_open; /* false until first asked: it starts full */
};

struct call_table {
	const struct call_rule *rules;
	size_t rule_count;
	struct bucket buckets[CALL_RULES_MAX][CALL_ROLES_MAX];
	uint64_t counts[CALL_VERDICT_COUNT];
};

enum kk_err call_table_new(struct call_table **tablep,
    const struct call_rule *rules, size_t rule_count)
{
	struct call_table *table;

	if (rule_count > CALL_RULES_MAX)
		return KK_EINVAL;
	for (size_t i = 0; i < rule_count; i++) {
		if (!rules[i].method)
			return KK_EINVAL;
	}
	table = kk_calloc(1, sizeof(*table));
	if (!table)
		return KK_ENOMEM;
	table->rules = rules;
	table->rule_count = rule_count;
	*tablep = table;
	return KK_OK;
}

void call_table_free(struct call_table *table)
{
	kk_free(table);
}

static void bucket_fill(struct bucket *b, uint32_t per_second, uint64_t now_ms)
{
	const uint64_t full = (uint64_t)per_second * MILLI;
	uint64_t passed_ms;

	if (!b->is_open) {
		*b = (struct bucket){ .credits = full,
			.filled_ms = now_ms,
			.is_open = true };
		return;
	}
	if (now_ms <= b->filled_ms)
		return; /* a clock that went back gives nothing */
	passed_ms = now_ms - b->filled_ms;
	b->filled_ms = now_ms;
	if (passed_ms >= MILLI || b->credits + passed_ms * per_second > full)
		b->credits = full;
	else
		b->credits += passed_ms * per_second;
}

static bool bucket_take(struct bucket *b, const struct call_rule *rule,
    uint64_t now_ms)
{
	bucket_fill(b, rule->per_second, now_ms);
	if (b->credits < MILLI || (rule->total && b->used >= rule->total))
		return false;
	b->credits -= MILLI;
	return true;
}

static enum call_verdict verdict_find(struct call_table *table,
    const struct call_ask *ask)
{
	const struct call_rule *rule;
	struct bucket *bucket;

	if (ask->rule >= table->rule_count || ask->role >= CALL_ROLES_MAX)
		return CALL_NOT_ALLOWED;
	rule = &table->rules[ask->rule];
	if (!(rule->roles & CALL_ROLE(ask->role)))
		return CALL_NOT_ALLOWED;
	if (ask->bytes > rule->bytes_max)
		return CALL_TOO_LARGE;
	bucket = &table->buckets[ask->rule][ask->role];
	if (!bucket_take(bucket, rule, ask->now_ms))
		return CALL_TOO_OFTEN;
	if (ask->state >= CALL_STATES_MAX ||
	    !(rule->states & CALL_STATE(ask->state)))
		return CALL_NOT_NOW;
	bucket->used++;
	return CALL_ALLOWED;
}

enum call_verdict call_table_ask(struct call_table *table,
    const struct call_ask *ask)
{
	enum call_verdict verdict = verdict_find(table, ask);

	table->counts[verdict]++;
	return verdict;
}

uint64_t call_table_count(const struct call_table *table,
    enum call_verdict verdict)
{
	return verdict < CALL_VERDICT_COUNT ? table->counts[verdict] : 0;
}
