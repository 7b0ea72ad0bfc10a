/* replay.c */
#include "tests/cuts/replay.h"

#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "tests/cuts/known.h"
#include "tests/cuts/mark.h"

enum {
	WINDOW_MAX = 4096, /* writes between two flushes */
	STATES = 1 << 22 /* places for them, a power of two */
};

struct run {
	const struct replay *r;
	struct replay_count *count;
	struct world *worlds; /* each that a mark has told */
	size_t *world_at; /* entry -> the world that it was asked for in */
	size_t writes[WINDOW_MAX], window; /* entries since the last flush */
	size_t begin, next; /* the entries before and behind the window */
	struct known seen;
	uint64_t random;
};

/* --- the variables ---------------------------------------------------------
 */

static bool is_mark(const struct cuts_entry *e, struct world *w)
{
	return e->data && e->at == MARK_AT && e->sectors == 1 &&
	    mark_read(w, e->data);
}

static void worlds_read(struct run *x)
{
	const struct cuts_log *log = x->r->log;
	size_t at = 0;

	x->worlds = calloc(log->count + 1, sizeof(*x->worlds));
	x->world_at = calloc(log->count + 1, sizeof(*x->world_at));
	CHECK(x->worlds && x->world_at);
	known_open(&x->seen, STATES);
	world_init(&x->worlds[0]);
	for (size_t i = 0; i < log->count; i++) {
		struct world w;

		if (is_mark(&log->entries[i], &w))
			x->worlds[++at] = w;
		x->world_at[i] = at;
	}
	x->world_at[log->count] = at;
}

/* --- one state -------------------------------------------------------------
 */

static uint64_t world_hash(const struct world *w)
{
	const uint8_t *bytes = (const uint8_t *)w;
	uint64_t hash = 1;

	for (size_t i = 0; i < sizeof(*w); i++)
		hash = cuts_mix(hash, bytes[i]);
	return hash;
}

/* The disk as it is, with the variables from the entry to the last that may
 * have come before the power went. */
static void look(struct run *x, size_t from, size_t to, size_t *kind)
{
	for (size_t w = x->world_at[from]; w <= x->world_at[to]; w++) {
		const struct world *world = &x->worlds[w];

		if (known_is(&x->seen,
			cuts_mix(x->r->disk->hash, world_hash(world))))
			continue;
		x->count->states++;
		(*kind)++;
		if (x->r->parts && x->count->states % x->r->parts != x->r->part)
			continue;
		x->count->looked++;
		if (x->r->tell && x->count->looked % x->r->tell == 0)
			tap_diag("%zu states looked at, entry %zu of %zu of "
				 "the log",
			    x->count->looked, x->begin, x->r->log->count);
		x->r->look(x->r->arg, x->r->disk, world);
	}
}

/* --- a window --------------------------------------------------------------
 */

static uint64_t random_next(struct run *x)
{
	x->random ^= x->random << 13; /* Marsaglia's xorshift */
	x->random ^= x->random >> 7;
	x->random ^= x->random << 17;
	return x->random;
}

static void put(struct run *x, size_t n, uint64_t to)
{
	const struct cuts_entry *e = &x->r->log->entries[x->writes[n]];

	cuts_disk_write(x->r->disk, e, 0, to < e->sectors ? to : e->sectors);
}

static uint64_t sectors_of(const struct run *x, size_t n)
{
	return x->r->log->entries[x->writes[n]].sectors;
}

/* The last entry of the window at whose time the power may have gone. */
static size_t window_end(const struct run *x)
{
	return x->next < x->r->log->count ? x->next : x->r->log->count;
}

static void prefixes(struct run *x)
{
	for (size_t n = 0; n < x->window; n++) {
		const uint64_t step = 1 + sectors_of(x, n) / x->r->torn_most;
		const size_t mark = x->r->disk->count;

		for (uint64_t to = step; to < sectors_of(x, n); to += step) {
			put(x, n, to);
			look(x, x->writes[n], window_end(x), &x->count->torn);
			cuts_disk_back(x->r->disk, mark);
		}
		put(x, n, UINT64_MAX);
		look(x, x->writes[n], window_end(x), &x->count->prefixes);
	}
	cuts_disk_back(x->r->disk, 0);
}

/* Of each write of the window so many sectors from its first; all: UINT64_MAX.
 */
static void subset(struct run *x, const uint64_t *to, size_t *kind)
{
	size_t last = x->begin;

	for (size_t n = 0; n < x->window; n++) {
		/* What is to be there before what comes behind it. */
		const bool is_fua = x->r->log->entries[x->writes[n]].is_fua;

		if (to[n] == 0 && !is_fua)
			continue;
		put(x, n, is_fua ? UINT64_MAX : to[n]);
		last = x->writes[n];
	}
	look(x, last, window_end(x), kind);
	cuts_disk_back(x->r->disk, 0);
}

static void all_subsets(struct run *x)
{
	uint64_t to[32];

	for (uint32_t mask = 0; mask < 1U << x->window; mask++) {
		for (size_t n = 0; n < x->window; n++)
			to[n] = mask >> n & 1 ? UINT64_MAX : 0;
		subset(x, to, &x->count->subsets);
	}
}

/* Each write left out, each alone, and others by chance. */
static void some_subsets(struct run *x)
{
	static uint64_t to[WINDOW_MAX];

	x->count->large_windows++;
	for (size_t n = 0; n < x->window; n++) {
		for (size_t i = 0; i < x->window; i++)
			to[i] = i != n ? UINT64_MAX : 0;
		subset(x, to, &x->count->sampled);
		for (size_t i = 0; i < x->window; i++)
			to[i] = i == n ? UINT64_MAX : 0;
		subset(x, to, &x->count->sampled);
	}
	for (uint32_t k = 0; k < x->r->samples; k++) {
		for (size_t i = 0; i < x->window; i++)
			to[i] = random_next(x) & 1 << 20 ? UINT64_MAX : 0;
		subset(x, to, &x->count->sampled);
	}
}

/* The disk was at several of them: each stands in part, whole, or not at all.
 */
static void torn_subsets(struct run *x)
{
	static uint64_t to[WINDOW_MAX];

	for (uint32_t k = 0; k < x->r->samples; k++) {
		for (size_t i = 0; i < x->window; i++) {
			const uint64_t chance = random_next(x) >> 20;

			to[i] = chance % 2 ?
			    chance / 2 % (sectors_of(x, i) + 1) :
			    chance % 4 ? UINT64_MAX :
					 0;
		}
		subset(x, to, &x->count->mixed);
	}
}

static void window_look(struct run *x)
{
	look(x, x->begin, window_end(x), &x->count->prefixes);
	x->begin = window_end(x);
	if (x->window == 0)
		return;
	x->count->windows++;
	prefixes(x);
	if (x->window > 1) {
		if (x->window <= x->r->subset_writes)
			all_subsets(x);
		else
			some_subsets(x);
		torn_subsets(x);
	}
	for (size_t n = 0; n < x->window; n++)
		put(x, n, UINT64_MAX);
	cuts_disk_keep(x->r->disk);
	x->window = 0;
}

void replay_run(const struct replay *r, struct replay_count *count)
{
	static struct run x;
	struct world w;

	*count = (struct replay_count){ 0 };
	x = (struct run){ .r = r, .count = count, .random = r->seed | 1 };
	CHECK(r->subset_writes < 20 && r->torn_most > 0);
	worlds_read(&x);
	for (size_t i = 0; i < r->log->count; i++) {
		const struct cuts_entry *e = &r->log->entries[i];

		x.next = i;
		if (e->is_flush)
			window_look(&x);
		if (e->sectors == 0 || is_mark(e, &w))
			continue;
		CHECK(x.window < WINDOW_MAX);
		x.writes[x.window++] = i;
	}
	x.next = r->log->count;
	window_look(&x);
	/* All is on the disk, and what came then. */
	look(&x, r->log->count, r->log->count, &count->prefixes);
	free(x.worlds);
	free(x.world_at);
	known_close(&x.seen);
}

void replay_tell(const struct replay_count *c)
{
	tap_diag("%zu states: %zu prefixes, %zu torn writes, %zu of all "
		 "subsets, %zu of sampled ones, %zu of those with torn writes",
	    c->states, c->prefixes, c->torn, c->subsets, c->sampled, c->mixed);
	tap_diag("%zu windows between flushes, %zu of them sampled", c->windows,
	    c->large_windows);
}
