/* box.h - a box that is played: its systemd, keyd and roomd in a process of
 * their own, and the kernel's folder. */
#pragma once
#include <sys/types.h>

#include "base/base.h"

enum { BOX_UNITS = 8, BOX_PATH = 64 };

struct box_unit {
	const char *name, *active; /* NULL: there is no such unit */
	bool is_unmet;
	bool is_young; /* was started just now */
};

struct box {
	struct box_unit units[BOX_UNITS];
	bool is_drawing, is_showing; /* what mediad.service says of itself */
	const char *keyd; /* what keyd.service says, or NULL */
	const char *call; /* what konklave-loopback.service says */
	bool keyd_answers, roomd_answers;
	bool is_feeding; /* systemd, the watchdog */
	const char *screen, *watchdog; /* what the kernel says, or NULL */
	char path[BOX_PATH]; /* box_start() makes it */
	pid_t pid;
};

/* A box in which all is well. */
void box_init(struct box *box);
void box_start(struct box *box);
void box_end(struct box *box);
