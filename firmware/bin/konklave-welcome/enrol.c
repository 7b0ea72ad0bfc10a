/* enrol.c - a certificate that comes by stick when the box is set up already:
 * for the box's key, and for that of its telephone lines. */
#define _GNU_SOURCE /* nanosleep(), fdopendir(), faccessat() */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "konklave_welcome.h"
#include "program/notice.h"
#include "program/words.h"

enum { NAME_BYTES = STEM_BYTES + 8 };

/* Who has a key: its keyd. */
struct holder {
	const char *socket, *unit;
	enum enrol_word put; /* what is said of its request */
	const char *told; /* the name of what the room's picture is told */
	char stem[STEM_BYTES];
};

enum { HOLDERS = 2 };

/* {1}: the file. */
static const char waits[] =
    "{1}: The box is in a meeting. The certificate is taken when that is over; "
    "the stick can be pulled out.";
static const char wartet[] =
    "{1}: Das Gerät ist in einer Besprechung. Das Zertifikat wird übernommen, "
    "wenn sie vorbei ist; der Stick kann abgezogen werden.";

static const char no_newer[] = "{1}: The box has a certificate that lasts as "
			       "long, or longer. Nothing is changed.";
static const char nicht_neuer[] =
    "{1}: Das Gerät hat ein Zertifikat, das so lange gilt oder länger. Es "
    "wird nichts geändert.";

static const char *const words[ENROL_WORDS][2] = {
	[ENROL_WAITS] = { waits, wartet },
	[ENROL_NO_NEWER] = { no_newer, nicht_neuer },
	[ENROL_PUT] = { "{1}: the request for this box's certificate is on the "
			"stick.",
	    "{1}: Der Antrag auf das Zertifikat dieses Geräts ist auf dem "
	    "Stick." },
	[ENROL_PUT_LINES] = { "{1}: the request for its telephone lines' "
			      "certificate is on the stick.",
	    "{1}: Der Antrag auf das Zertifikat seiner Telefonleitungen ist "
	    "auf dem Stick." },
	[ENROL_NOT_PUT] = { "{1}: The stick does not take the request.",
	    "{1}: Der Stick nimmt den Antrag nicht an." },
};

static void say(const struct options *o, const struct holder *h,
    enum enrol_word word, const char *file)
{
	static const enum notice_kind kinds[ENROL_WORDS] = {
		[ENROL_WAITS] = NOTICE_CERTIFICATE_WAITS,
		[ENROL_NO_NEWER] = NOTICE_CERTIFICATE_SAME,
		[ENROL_PUT] = NOTICE_REQUEST_PUT,
		[ENROL_PUT_LINES] = NOTICE_REQUEST_PUT,
		[ENROL_NOT_PUT] = NOTICE_REQUEST_FAILED,
	};
	const char *const values[PROGRAM_VALUES] = { file };

	(void)program_notice_tell(o->notices, h->told, kinds[word], file);

	program_say(stdout, words[word][program_wants_german()], values);
	(void)fflush(stdout); /* it may wait for long from here on */
}

static enum notice_kind install_kind(enum kk_err err)
{
	switch (err) {
	case KK_OK:
		return NOTICE_CERTIFICATE_TAKEN;
	case KK_EUNTRUSTED:
		return NOTICE_CERTIFICATE_FOREIGN;
	case KK_EEXPIRED:
		return NOTICE_CERTIFICATE_OVER;
	case KK_EREVOKED:
		return NOTICE_CERTIFICATE_REVOKED;
	default:
		return NOTICE_CERTIFICATE_FAILED;
	}
}

static void install_say(const struct options *o, const struct holder *h,
    const char *file, enum kk_err err)
{
	const char *const values[PROGRAM_VALUES] = { file,
		welcome_install_text(err, program_wants_german()) };

	(void)program_notice_tell(o->notices, h->told, install_kind(err), file);
	program_say(stdout, "{1}: {2}", values);
	(void)fflush(stdout);
}

/* --- whose keys ----------------------------------------------------------- */

/* Those that are there; a box without lines has one. */
static size_t holders_find(const struct options *o,
    struct holder holders[HOLDERS])
{
	const struct holder all[HOLDERS] = {
		{ o->keyd, "keyd.service", ENROL_PUT, "certificate", "" },
		{ o->lines_keyd, "lines-keyd.service", ENROL_PUT_LINES,
		    "lines-certificate", "" },
	};
	size_t count = 0;

	for (size_t i = 0; i < HOLDERS; i++) {
		struct holder *h = &holders[count];
		struct welcome_key key;

		*h = all[i];
		if (access(h->socket, F_OK) == 0 &&
		    !keys_ask(h->socket, &key) &&
		    keys_stem(key.fingerprint, h->stem))
			count++;
	}
	return count;
}

static void name_make(const struct holder *h, const char *ending,
    char name[NAME_BYTES])
{
	(void)snprintf(name, NAME_BYTES, "%s%s", h->stem, ending);
}

/* --- the stick ------------------------------------------------------------ */

static bool is_chain(const char *name)
{
	static const char begins[] = "konklave-";
	const char *end = strrchr(name, '.');

	return end && !strcmp(end, ".pem") &&
	    !strncmp(name, begins, sizeof(begins) - 1);
}

/* It has certificates of other boxes alone. */
static bool has_others(const char *stick)
{
	DIR *dir = opendir(stick);
	const struct dirent *entry;
	bool is_found = false;

	while (dir && !is_found && (entry = readdir(dir)))
		is_found = is_chain(entry->d_name);
	if (dir)
		(void)closedir(dir);
	return is_found;
}

/* Where the lines have one and the box has none, that is enough. */
static void others_tell(const struct options *o, int from,
    const struct holder *holders, size_t count)
{
	char name[NAME_BYTES];

	for (size_t i = count; i > 0; i--) {
		name_make(&holders[i - 1], ".pem", name);
		if (faccessat(from, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return;
	}
	if (count > 0 && has_others(o->stick))
		(void)program_notice_tell(o->notices, holders[0].told,
		    NOTICE_CERTIFICATE_OTHER, name);
}

enum kk_err enrol_look(const struct options *o)
{
	const int from = folder_open(o->stick, "."),
		  to = folder_open(o->folder, ".");
	struct holder holders[HOLDERS];
	const size_t count = holders_find(o, holders);
	enum kk_err err = from < 0 || to < 0 ? KK_EIO : KK_OK;

	for (size_t i = 0; !err && i < count; i++) {
		char name[NAME_BYTES];

		name_make(&holders[i], ".pem", name);
		err = file_take(from, name, CHAIN_BYTES_MAX, to, name);
	}
	if (!err)
		others_tell(o, from, holders, count);
	if (from >= 0)
		(void)close(from);
	if (to >= 0)
		(void)close(to);
	return err;
}

static enum kk_err request_put(const struct options *o, const struct holder *h,
    int to)
{
	char name[NAME_BYTES];
	struct kk_bytes pem = { 0 };
	enum kk_err err = keys_request(h->socket, &pem);

	name_make(h, ".csr", name);
	if (!err)
		err = program_file_write(to, name, kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	say(o, h, err ? ENROL_NOT_PUT : h->put, name);
	return err;
}

enum kk_err enrol_ask(const struct options *o)
{
	const int to = folder_open(o->stick, ".");
	struct holder holders[HOLDERS];
	const size_t count = holders_find(o, holders);
	enum kk_err err = to < 0 ? KK_EIO : KK_OK;

	for (size_t i = 0; !err && i < count; i++)
		err = request_put(o, &holders[i], to);
	if (to >= 0)
		(void)close(to);
	return !err && count == 0 ? KK_ENOKEY : err;
}

/* --- the certificate ------------------------------------------------------ */

/* A room that does not find its server for long has no meeting. */
static void meeting_await(const struct options *o, const struct holder *h,
    const char *file)
{
	const struct timespec round = { .tv_sec = 1 };
	unsigned unknown_s = 0;
	bool is_told = false;

	for (;;) {
		const enum room_use use = meeting_ask(o->roomd);

		if (use == ROOM_IS_FREE || unknown_s > o->lost_s)
			return;
		unknown_s = use == ROOM_IS_BETWEEN ? unknown_s + 1 : 0;
		if (use == ROOM_IS_TAKEN && !is_told)
			say(o, h, ENROL_WAITS, file);
		is_told |= use == ROOM_IS_TAKEN;
		(void)nanosleep(&round, NULL);
	}
}

/* keyd starts again, so that roomd asks who the box is now. */
static enum kk_err chain_take(const struct options *o, const struct holder *h,
    struct kk_view pem)
{
	const char *const argv[] = { o->systemctl, "try-restart", h->unit,
		NULL };
	enum kk_err err = keys_replace(h->socket, pem);

	return err ? err : program_run(argv, NULL, 0);
}

/* What was looked at is looked at once more: a meeting may have been long. */
static enum kk_err chain_install(const struct options *o,
    const struct holder *h, const char *name, struct kk_view pem)
{
	uint64_t until_s = 0, now_until_s = 0;
	enum kk_err err = keys_check(h->socket, pem, &until_s);

	if (!err)
		err = keys_end(h->socket, &now_until_s);
	if (!err && until_s <= now_until_s) {
		say(o, h, ENROL_NO_NEWER, name);
		return KK_OK;
	}
	if (!err) {
		meeting_await(o, h, name);
		err = chain_take(o, h, pem);
	}
	install_say(o, h, name, err);
	return err;
}

static enum kk_err file_install(const struct options *o, const struct holder *h,
    int folder)
{
	char name[NAME_BYTES];
	struct kk_bytes pem;
	enum kk_err err;

	name_make(h, ".pem", name);
	err = folder_read(folder, name, CHAIN_BYTES_MAX, &pem);
	if (!err)
		err = chain_install(o, h, name, kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	(void)unlinkat(folder, name, 0);
	return err == KK_ENOENT ? KK_OK : err;
}

enum kk_err enrol_install(const struct options *o)
{
	const int folder = folder_open(o->folder, ".");
	struct holder holders[HOLDERS];
	const size_t count = holders_find(o, holders);
	enum kk_err err = folder < 0 ? KK_EIO : KK_OK;

	for (size_t i = 0; folder >= 0 && i < count; i++) {
		const enum kk_err one = file_install(o, &holders[i], folder);

		err = err ? err : one;
	}
	if (folder >= 0)
		(void)close(folder);
	return err;
}
