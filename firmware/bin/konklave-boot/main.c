/* main.c - konklave-boot: one command, and ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handler.h"

struct command {
	const char *name;
	size_t words; /* after it */
	enum kk_err (*run)(const struct boot *b,
	    const struct handler_options *o, enum boot_slot slot);
};

static enum kk_err started(const struct boot *b,
    const struct handler_options *o, enum boot_slot slot)
{
	(void)o;
	(void)slot;
	return boot_started(b);
}

static enum kk_err setup(const struct boot *b, const struct handler_options *o,
    enum boot_slot slot)
{
	struct boot_disk disk;
	const enum kk_err err = disk_find(o, &disk);

	(void)slot;
	return err ? err : boot_setup(b, &disk);
}

static enum kk_err status(const struct boot *b, const struct handler_options *o,
    enum boot_slot slot)
{
	struct boot_record r;
	enum boot_slot running;
	enum kk_err err = boot_current_get(b, &running);

	(void)o;
	(void)slot;
	if (!err)
		err = boot_record_get(b, &r);
	if (err)
		return err;
	(void)printf("running %s\npreferred %s\nfloor %ju\n",
	    boot_slot_name(running), boot_slot_name(r.preferred),
	    (uintmax_t)r.floor);
	for (size_t s = 0; s < BOOT_SLOTS; s++)
		(void)printf("%s %s, %u boots since it was confirmed\n",
		    boot_slot_name((enum boot_slot)s),
		    boot_state_name(r.state[s]), r.boots[s]);
	return KK_OK;
}

static enum kk_err current_get(const struct boot *b,
    const struct handler_options *o, enum boot_slot slot)
{
	const enum kk_err err = boot_current_get(b, &slot);

	(void)o;
	if (!err)
		(void)puts(boot_slot_name(slot));
	return err;
}

static enum kk_err primary_get(const struct boot *b,
    const struct handler_options *o, enum boot_slot slot)
{
	const enum kk_err err = boot_primary_get(b, &slot);

	(void)o;
	if (!err)
		(void)puts(boot_slot_name(slot));
	return err;
}

static enum kk_err primary_set(const struct boot *b,
    const struct handler_options *o, enum boot_slot slot)
{
	(void)o;
	return boot_primary_set(b, slot);
}

static enum kk_err state_get(const struct boot *b,
    const struct handler_options *o, enum boot_slot slot)
{
	bool is_good = false;
	const enum kk_err err = boot_state_get(b, slot, &is_good);

	(void)o;
	if (!err)
		(void)puts(is_good ? "good" : "bad");
	return err;
}

static enum kk_err state_set(const struct boot *b,
    const struct handler_options *o, enum boot_slot slot)
{
	const bool is_good = !strcmp(o->word[2], "good");

	if (!is_good && strcmp(o->word[2], "bad") != 0)
		return KK_EINVAL;
	return boot_state_set(b, slot, is_good);
}

static enum kk_err confirm(const struct boot *b,
    const struct handler_options *o, enum boot_slot slot)
{
	enum kk_err err = boot_current_get(b, &slot);

	(void)o;
	if (!err)
		err = boot_state_set(b, slot, true);
	if (!err)
		kk_log(b->log, KK_LOG_INFO, "this slot works slot=%s",
		    boot_slot_name(slot));
	return err;
}

static const struct command commands[] = {
	{ "started", 0, started },
	{ "setup", 0, setup },
	{ "confirm", 0, confirm },
	{ "status", 0, status },
	{ "get-current", 0, current_get },
	{ "get-primary", 0, primary_get },
	{ "set-primary", 1, primary_set },
	{ "get-state", 1, state_get },
	{ "set-state", 2, state_set },
};

static const struct command *command_find(const struct handler_options *o,
    enum boot_slot *slot)
{
	*slot = BOOT_NO_SLOT;
	for (size_t s = 0; o->words > 1 && s < BOOT_SLOTS; s++) {
		if (!strcmp(o->word[1], boot_slot_name((enum boot_slot)s)))
			*slot = (enum boot_slot)s;
	}
	if (o->words > 1 && *slot == BOOT_NO_SLOT)
		return NULL;
	for (size_t i = 0; i < KK_ARRAY_LEN(commands); i++) {
		if (!strcmp(o->word[0], commands[i].name) &&
		    o->words == commands[i].words + 1)
			return &commands[i];
	}
	return NULL;
}

static enum kk_err run(const struct handler_options *o, struct boot *b,
    const struct command *command, enum boot_slot slot)
{
	struct efivars files;
	struct boot_vars vars;
	enum kk_err err;

	vars_writable_make(o->efivars, b->log);
	err = efivars_open(&files, o->efivars);

	if (err)
		return err;
	vars = efivars_vars(&files);
	b->vars = &vars;
	err = facts_read(o->cmdline, o->boot_id, b);
	if (!err)
		err = command->run(b, o, slot);
	b->vars = NULL;
	efivars_close(&files);
	return err;
}

int main(int argc, char **argv)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "boot",
		.level = KK_LOG_INFO };
	struct boot b = { .log = &log };
	const struct command *command;
	struct handler_options o;
	enum boot_slot slot;
	enum kk_err err;

	if (handler_options_parse(&o, argc, argv))
		return 2;
	if (o.is_done)
		return EXIT_SUCCESS;
	command = command_find(&o, &slot);
	if (!command) {
		(void)program_options_complain("konklave-boot", o.word[0],
		    "not a command, or not with these words");
		return 2;
	}
	err = program_sandbox_enter(0, &log);
	if (!err)
		err = run(&o, &b, command, slot);
	if (err)
		kk_log(&log, KK_LOG_ERROR, "%s refused err=%s (%s)",
		    command->name, kk_err_name(err), kk_err_text(err));
	return err || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
