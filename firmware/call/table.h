/*
 * table.h - the request table: who may call what, when, how often.
 *
 * Pure: time and the subject's state are arguments.  One thread per table.
 */
#pragma once
#include "base/base.h"

enum { CALL_RULES_MAX = 32, CALL_ROLES_MAX = 8, CALL_STATES_MAX = 32 };

#define CALL_ROLE(role) (UINT32_C(1) << (role))
#define CALL_STATE(state) (UINT32_C(1) << (state))
#define CALL_ANY_STATE UINT32_MAX

struct call_rule {
	const char *method; /* its whole name, interface included */
	uint32_t roles; /* CALL_ROLE() of each that may */
	uint32_t states; /* CALL_STATE() of each in which it may */
	uint32_t per_second; /* of one role; a second's worth may burst */
	uint64_t total; /* of one role; 0: no bound */
	size_t bytes_max; /* of a request's texts */
};

enum call_verdict {
	CALL_ALLOWED,
	CALL_NOT_ALLOWED, /* this role never */
	CALL_TOO_LARGE,
	CALL_TOO_OFTEN,
	CALL_NOT_NOW, /* not in this state */
	CALL_VERDICT_COUNT
};

struct call_ask {
	size_t rule; /* its index */
	unsigned role;
	unsigned state;
	size_t bytes;
	uint64_t now_ms; /* of a clock that does not go back */
};

struct call_table;

/* rules are borrowed and outlive the table.  Errors: KK_EINVAL more than
 * CALL_RULES_MAX, or a rule without a name; KK_ENOMEM. */
MUST_CHECK enum kk_err call_table_new(struct call_table **tablep,
    const struct call_rule *rules, size_t rule_count);
void call_table_free(struct call_table *table); /* NULL is fine */

/*
 * Judges and counts a request.  A rule or a role that is not there is not
 * allowed.  Whatever passes the role's and the size's check uses up the rate,
 * so calls in a wrong state cannot be repeated without bound either; the total
 * is used by what is allowed alone.
 */
enum call_verdict call_table_ask(struct call_table *table,
    const struct call_ask *ask);

uint64_t call_table_count(const struct call_table *table,
    enum call_verdict verdict);
