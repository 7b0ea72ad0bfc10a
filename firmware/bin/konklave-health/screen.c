/* screen.c - what the kernel says: whether a screen is connected, and whether
 * the board's watchdog is fed; and what mediad shows. */
#include <dirent.h>
#include <string.h>

#include "probe.h"

enum { PATH_BYTES = 512, WORD_BYTES = 32 };

/* Whether the folder CLASS has an entry NAME..., in whose FILE stands WORD; any
 * of them is enough.  *count: of those whose file could be read. */
struct question {
	const char *sys, *class, *name, *file, *word;
};

static bool is_so(const struct question *q, const char *entry, unsigned *count)
{
	char path[PATH_BYTES], word[WORD_BYTES] = "";
	FILE *file;

	if (strncmp(entry, q->name, strlen(q->name)) != 0 ||
	    snprintf(path, sizeof(path), "%s/class/%s/%s/%s", q->sys, q->class,
		entry, q->file) >= (int)sizeof(path))
		return false;
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(word, sizeof(word), file))
		word[0] = '\0';
	(void)fclose(file);
	(*count)++;
	word[strcspn(word, "\n")] = '\0';
	return !strcmp(word, q->word);
}

static bool any_is_so(const struct question *q, unsigned *count)
{
	char path[PATH_BYTES];
	const struct dirent *entry;
	bool is = false;
	DIR *folder;

	*count = 0;
	if (snprintf(path, sizeof(path), "%s/class/%s", q->sys, q->class) >=
	    (int)sizeof(path))
		return false;
	folder = opendir(path);
	if (!folder)
		return false;
	/* One thread. */
	while (!is && (entry = readdir(folder)) != NULL) /* NOLINT(*-unsafe) */
		is = is_so(q, entry->d_name, count);
	(void)closedir(folder);
	return is;
}

/* Source: Linux, Documentation/ABI/testing/sysfs-class-drm. */
bool probe_has_screen(const char *sys)
{
	const struct question q = { sys, "drm", "card", "status", "connected" };
	unsigned count;

	return any_is_so(&q, &count);
}

/* Source: Linux, Documentation/ABI/testing/sysfs-class-watchdog. */
enum health_result probe_watchdog_look(const char *sys)
{
	const struct question q = { sys, "watchdog", "watchdog", "state",
		"active" };
	unsigned count;

	if (any_is_so(&q, &count))
		return HEALTH_PASSED;
	return count > 0 ? HEALTH_WAITS : HEALTH_OFF;
}

void probe_watchdog(struct probe *p, uint64_t now_ms)
{
	enum health_result result = probe_watchdog_look(p->o->sys);

	if (result == HEALTH_PASSED && !probe_is_watchdog_fed(p->o->manager))
		result = HEALTH_WAITS;
	health_tell(p->health, HEALTH_WATCHDOG, result,
	    result == HEALTH_WAITS      ? "nobody feeds it" :
		result == HEALTH_PASSED ? NULL :
					  "the board has none",
	    now_ms);
}

/* Who draws: a box without a profile asks for one before mediad starts. */
static bool drawer_ask(const struct probe *p, struct probe_unit *u)
{
	if (probe_unit_ask(p->o->manager, "mediad.service", u))
		return false;
	if (u->state != HEALTH_INACTIVE || !u->is_unmet)
		return true;
	return !probe_unit_ask(p->o->manager, "konklave-welcome.service", u);
}

void probe_picture(struct probe *p, uint64_t now_ms)
{
	struct health_picture now;
	struct probe_unit u;
	enum health_result result = HEALTH_WAITS;
	const char *why = "mediad does not say what it draws";

	if (drawer_ask(p, &u) && u.state == HEALTH_ACTIVE &&
	    !health_picture_parse(&now, u.status)) {
		if (!p->has_picture)
			p->picture = now;
		p->has_picture = true;
		result = health_picture_judge(&p->picture, &now,
		    probe_has_screen(p->o->sys), &why);
	}
	health_tell(p->health, HEALTH_PICTURE, result, why, now_ms);
}
