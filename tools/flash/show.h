/* show.h - what people and scripts see of a run. */
#pragma once
#include "tools/flash/flash.h"

/* One line that is written again and again, on standard error. */
struct flash_meter {
	bool is_terminal, has_line;
	const char *phase;
	int64_t began_ms, told_ms;
};

void flash_meter_init(struct flash_meter *m);
void flash_meter_tell(void *arg, const char *phase, uint64_t done,
    uint64_t all); /* arg: a struct flash_meter */
void flash_meter_end(struct flash_meter *m);

void flash_disks_show(FILE *out, const struct flash_disk *disks, size_t count,
    bool is_json);
void flash_package_show(FILE *out, const struct flash_package *p, bool is_json);

/* What was done to a unit, as a line of JSON. */
struct flash_outcome {
	const struct flash_package *package;
	const char *to, *model, *name; /* name: the room's, or NULL */
	const char *result; /* written, failed */
	struct flash_written written;
};
void flash_outcome_show(FILE *out, const struct flash_outcome *o);
