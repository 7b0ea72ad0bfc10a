/* main.c - konklave-flash: a technician's tool. */
#define _GNU_SOURCE /* fileno() */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program/program.h"
#include "program/words.h"
#include "tools/flash/install.h"
#include "tools/flash/options.h"
#include "tools/flash/show.h"

enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_REFUSED = 3
};

/* What a run of "write" has in its hands. */
struct flashing {
	const struct flash_options *options;
	struct flash_package package;
	struct flash_device device;
	struct flash_disk disk; /* of "sdb"; of a file, empty */
	char path[FLASH_PATH_BYTES];
	struct profile profile;
	struct kk_bytes profile_text, units_text, record;
};

static enum status refuse(enum flash_word word, const char *one,
    const char *two, const char *three)
{
	flash_tell(stderr, word, one, two, three);
	return STATUS_REFUSED;
}

/* --- list ----------------------------------------------------------------- */

static enum status list(const struct flash_options *o)
{
	struct flash_disk *disks = kk_calloc(FLASH_DISKS_MAX, sizeof(*disks));
	char path[64];
	size_t count;

	if (!disks || flash_disks_list("", disks, &count)) {
		kk_free(disks);
		flash_tell(stderr, WORD_OPEN, "/sys/block", kk_err_text(KK_EIO),
		    "");
		return STATUS_FAILED;
	}
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s", disks[i].name);
		flash_content_read(path, disks[i].content,
		    sizeof(disks[i].content));
	}
	flash_disks_show(stdout, disks, count, o->is_json);
	kk_free(disks);
	return STATUS_DONE;
}

/* --- the image ------------------------------------------------------------ */

static enum status package_open(struct flash_package *p,
    const struct flash_options *o)
{
	enum kk_err err = flash_package_open(p, o->image, o->trust);

	if (!err && o->board && strcmp(o->board, p->manifest.board) != 0)
		return refuse(WORD_BOARD, p->manifest.board, o->board, "");
	switch (err) {
	case KK_OK:
		return STATUS_DONE;
	case KK_EUNTRUSTED:
	case KK_EVERIFY:
		return refuse(WORD_UNTRUSTED, o->image, "", "");
	case KK_EFORMAT:
	case KK_ETRUNC:
	case KK_ELIMIT:
	case KK_EUNSUP:
		return refuse(WORD_BROKEN, o->image, "", "");
	default:
		return refuse(WORD_OPEN,
		    access(o->image, R_OK) ? o->image : o->trust,
		    kk_err_text(err), "");
	}
}

static enum status show(const struct flash_options *o)
{
	struct flash_package package;
	enum status status = package_open(&package, o);

	if (!status)
		flash_package_show(stdout, &package, o->is_json);
	flash_package_close(&package);
	return status;
}

static enum status pack(const struct flash_options *o)
{
	const struct flash_pack pack = { .image = o->from,
		.out = o->image,
		.board = o->board,
		.version = o->release,
		.key = o->key,
		.chain = o->chain };
	struct flash_meter meter;
	const struct flash_progress progress = { flash_meter_tell, &meter };
	enum kk_err err;

	flash_meter_init(&meter);
	err = flash_pack(&pack, &progress);
	flash_meter_end(&meter);
	if (!err)
		return STATUS_DONE;
	flash_tell(stderr, WORD_OPEN, o->image, kk_err_text(err), "");
	return STATUS_FAILED;
}

/* --- the profile ---------------------------------------------------------- */

static enum status problem_tell(const char *file,
    const struct profile_problem *problem)
{
	const bool is_german = program_wants_german();
	const bool has_key = problem->key < PROFILE_KEYS;
	char line[24], what[512];

	(void)snprintf(line, sizeof(line), "%zu", problem->line);
	(void)snprintf(what, sizeof(what), "%s%s%s%s%s%s",
	    has_key ? profile_key_name(problem->key) : "", has_key ? ": " : "",
	    profile_wrong_text(problem->what, is_german),
	    problem->what == PROFILE_VALUE ? " (" : "",
	    problem->what == PROFILE_VALUE && has_key ?
		profile_key_text(problem->key, is_german) :
		"",
	    problem->what == PROFILE_VALUE ? ")" : "");
	return refuse(WORD_PROFILE, file, line, what);
}

static enum status text_read(const char *path, struct kk_bytes *text)
{
	enum kk_err err = program_file_read(path, PROFILE_BYTES_MAX, text);

	return err ? refuse(WORD_OPEN, path, kk_err_text(err), "") :
		     STATUS_DONE;
}

static enum status unit_take(struct flashing *f)
{
	const struct flash_options *o = f->options;
	struct profile_problem problem;
	char row[16];
	enum status status = text_read(o->units, &f->units_text);
	enum kk_err err;

	if (status)
		return status;
	err = profile_csv_take(&f->profile, kk_bytes_view(&f->units_text),
	    o->unit, &problem);
	if (err != KK_ENOENT)
		return err ? problem_tell(o->units, &problem) : STATUS_DONE;
	(void)snprintf(row, sizeof(row), "%u", o->unit);
	return refuse(WORD_ROW, row, o->units, "");
}

static enum status profile_take(struct flashing *f)
{
	const struct flash_options *o = f->options;
	struct profile_problem problem;
	struct kk_bytes text;
	enum status status = STATUS_DONE;
	enum kk_err err;

	if (!o->profile && !o->units)
		return STATUS_DONE;
	if (o->profile) {
		status = text_read(o->profile, &f->profile_text);
		if (!status &&
		    profile_parse(&f->profile, kk_bytes_view(&f->profile_text),
			&problem))
			status = problem_tell(o->profile, &problem);
	}
	if (!status && o->units)
		status = unit_take(f);
	if (status)
		return status;
	if (profile_check(&f->profile, &problem))
		return problem_tell(o->units ? o->units : o->profile, &problem);
	err = profile_write(&f->profile, &text);
	if (err)
		return refuse(WORD_OPEN, o->image, kk_err_text(err), "");
	err = flash_record_make(kk_bytes_view(&text), &f->record);
	kk_bytes_clear(&text);
	return err ? refuse(WORD_OPEN, o->image, kk_err_text(err), "") :
		     STATUS_DONE;
}

/* --- the disk ------------------------------------------------------------- */

static bool is_named(const struct flashing *f, const char *name)
{
	return name &&
	    (!strcmp(name, f->options->to) || !strcmp(name, f->disk.name));
}

/* "sdb" is /dev/sdb; what has a slash is a path. */
static void path_make(struct flashing *f)
{
	const char *to = f->options->to;

	(void)snprintf(f->path, sizeof(f->path), "%s%s",
	    strchr(to, '/') ? "" : "/dev/", to);
}

static enum status disk_find(struct flashing *f)
{
	struct flash_disk *disks;
	const char *name = strrchr(f->path, '/') + 1;
	struct stat st;
	size_t count = 0;

	if (stat(f->path, &st) || !S_ISBLK(st.st_mode))
		return STATUS_DONE;
	disks = kk_calloc(FLASH_DISKS_MAX, sizeof(*disks));
	if (disks && flash_disks_list("", disks, &count))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(disks[i].name, name))
			f->disk = disks[i];
	}
	kk_free(disks);
	if (f->disk.is_system &&
	    !(is_named(f, f->options->over) && f->options->takes_system))
		return refuse(WORD_IS_SYSTEM, f->disk.name, f->disk.used_as,
		    "");
	if (f->disk.is_used && !is_named(f, f->options->over))
		return refuse(WORD_IS_USED, f->disk.name, f->disk.used_as, "");
	return STATUS_DONE;
}

static enum status device_open(struct flashing *f)
{
	const struct flash_manifest *m = &f->package.manifest;
	char there[16], needed[16];
	enum kk_err err = flash_device_open(&f->device, f->path,
	    is_named(f, f->options->over));

	if (err == KK_ESTATE)
		return refuse(WORD_IS_USED, f->options->to, "?", "");
	if (err == KK_EDENIED)
		return refuse(WORD_OPEN, f->path,
		    flash_word(f->device.is_read_only ? WORD_READ_ONLY :
							WORD_DENIED),
		    "");
	if (err)
		return refuse(WORD_OPEN, f->path, kk_err_text(err), "");
	if (f->device.target.bytes >= m->image_bytes)
		return STATUS_DONE;
	flash_size_text(there, f->device.target.bytes);
	flash_size_text(needed, m->image_bytes);
	return refuse(WORD_SMALL, there, needed, "");
}

static enum status ask(const struct flashing *f)
{
	char line[FLASH_PATH_BYTES];

	if (f->options->is_sure)
		return STATUS_DONE;
	flash_tell(stderr, WORD_ASK, f->options->to, "", "");
	if (!isatty(STDIN_FILENO) || !fgets(line, sizeof(line), stdin))
		return refuse(WORD_NOT_ASKED, "", "", "");
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, f->options->to) != 0 ?
	    refuse(WORD_NOT_ASKED, "", "", "") :
	    STATUS_DONE;
}

/* --- write ---------------------------------------------------------------- */

static enum kk_err chunk_give(void *arg, size_t i, uint8_t *out)
{
	return flash_package_chunk(arg, i, out);
}

static enum status outcome_tell(struct flashing *f,
    const struct flash_written *written, enum kk_err err)
{
	const struct flash_options *o = f->options;
	const char *name = f->profile.values[PROFILE_NAME];
	char at[16];

	switch (err) {
	case KK_OK:
		flash_tell(stderr, WORD_DONE, o->to, "", "");
		if (name[0])
			flash_tell(stderr, WORD_PERSONAL, name, "", "");
		flash_tell(stderr, WORD_NEXT, "", "", "");
		return STATUS_DONE;
	case KK_EVERIFY:
		flash_size_text(at,
		    (uint64_t)written->bad_chunk *
			f->package.manifest.chunk_bytes);
		flash_tell(stderr, WORD_DIFFERS, at, "", "");
		break;
	case KK_ENOENT:
		flash_tell(stderr, WORD_NO_PLACE, "", "", "");
		break;
	case KK_EFORMAT:
	case KK_ETRUNC:
		flash_tell(stderr, WORD_BROKEN, o->image, "", "");
		break;
	default:
		flash_tell(stderr, WORD_LOST, o->to, "", "");
		break;
	}
	return STATUS_FAILED;
}

static void outcome_record(const struct flash_options *o,
    const struct flash_outcome *outcome)
{
	FILE *file = o->record ? fopen(o->record, "ae") : NULL;

	if (o->is_json)
		flash_outcome_show(stdout, outcome);
	if (file)
		flash_outcome_show(file, outcome);
	if (o->record && (!file || fflush(file) || fsync(fileno(file))))
		flash_tell(stderr, WORD_OPEN, o->record, kk_err_text(KK_EIO),
		    "");
	if (file)
		(void)fclose(file);
}

static enum status image_write(struct flashing *f)
{
	const struct flash_source source = { &f->package.manifest, chunk_give,
		&f->package };
	struct flash_outcome outcome = { .package = &f->package,
		.to = f->options->to,
		.model = f->disk.model,
		.name = f->profile.values[PROFILE_NAME][0] ?
		    f->profile.values[PROFILE_NAME] :
		    NULL };
	struct flash_meter meter;
	const struct flash_progress progress = { flash_meter_tell, &meter };
	enum kk_err err;

	flash_meter_init(&meter);
	err = flash_write(&source, &f->device.target, f->options->resumes,
	    kk_bytes_view(&f->record), &progress, &outcome.written);
	flash_meter_end(&meter);
	outcome.result = err ? "failed" : "written";
	outcome_record(f->options, &outcome);
	return outcome_tell(f, &outcome.written, err);
}

static enum status write_unit(const struct flash_options *o)
{
	struct flashing f = { .options = o,
		.package = { .fd = -1 },
		.device = { .fd = -1 } };
	enum status status;

	path_make(&f);
	status = profile_take(&f);
	if (!status)
		status = package_open(&f.package, o);
	if (!status) {
		flash_package_show(stderr, &f.package, false);
		status = disk_find(&f);
	}
	if (!status)
		status = device_open(&f);
	if (!status)
		status = ask(&f);
	if (!status)
		status = image_write(&f);
	flash_device_close(&f.device);
	flash_package_close(&f.package);
	kk_bytes_clear(&f.record);
	kk_bytes_clear(&f.profile_text);
	kk_bytes_clear(&f.units_text);
	kk_wipe(&f.profile, sizeof(f.profile)); /* it has the box's token */
	return status;
}

int main(int argc, char **argv)
{
	struct flash_options o;

	if (install_is_wanted(argv[0]))
		install_run();
	if (flash_options_parse(&o, argc, argv))
		return STATUS_USAGE;
	if (o.is_done)
		return STATUS_DONE;
	if (!strcmp(o.command, "list"))
		return list(&o);
	if (!strcmp(o.command, "show"))
		return show(&o);
	if (!strcmp(o.command, "pack"))
		return pack(&o);
	return write_unit(&o);
}
