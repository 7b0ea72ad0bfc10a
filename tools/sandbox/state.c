/* state.c - what stays between runs, and what scripts read. */
#define _GNU_SOURCE /* O_CLOEXEC, renameat() */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum { WRAP_KEY_BYTES = 32, SANDBOX_PATH_BYTES = 512 };

static enum kk_err folder_make(const struct sandbox *s, const char *name,
    char **out)
{
	char *path = sandbox_text("%s/%s", s->options.state, name);

	if (!path)
		return KK_ENOMEM;
	if (mkdir(path, 0700) && errno != EEXIST) {
		(void)fprintf(stderr, "sandbox: %s: %s\n", path,
		    strerror(errno));
		kk_free(path);
		return KK_EIO;
	}
	if (out)
		*out = path;
	else
		kk_free(path);
	return KK_OK;
}

/* Made once: it seals what keyd keeps. */
static enum kk_err wrap_key_make(const struct sandbox_box *b)
{
	char *path = sandbox_text("%s/wrap-key", b->folder);
	uint8_t key[WRAP_KEY_BYTES];
	enum kk_err err = KK_EIO;
	int fd;

	if (!path)
		return KK_ENOMEM;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err = errno == EEXIST ? KK_OK : KK_EIO;
		kk_free(path);
		return err;
	}
	if (getrandom(key, sizeof(key), 0) == sizeof(key) &&
	    write(fd, key, sizeof(key)) == sizeof(key) && !fsync(fd))
		err = KK_OK;
	else
		(void)unlink(path);
	kk_wipe(key, sizeof(key));
	(void)close(fd);
	kk_free(path);
	return err;
}

/* What it is called in its state and its sockets. */
static void box_number(struct sandbox_box *b, unsigned number, char name[16])
{
	b->number = number;
	if (number == SANDBOX_LINES) {
		(void)snprintf(b->tag, sizeof(b->tag), "-lines");
		(void)snprintf(name, 16, "lines");
		return;
	}
	(void)snprintf(b->tag, sizeof(b->tag), "%u", number);
	(void)snprintf(name, 16, "box%u", number);
}

static enum kk_err box_make(struct sandbox *s, unsigned number)
{
	static const char *const inside[] = { "keyd", "roomd", "lined" };
	const size_t count = KK_ARRAY_LEN(inside) - (number != SANDBOX_LINES);
	struct sandbox_box *b = sandbox_box_at(s, number);
	char name[16], sub[32];
	enum kk_err err;

	if (!b)
		return KK_OK;
	box_number(b, number, name);
	err = folder_make(s, name, &b->folder);
	for (size_t i = 0; !err && i < count; i++) {
		(void)snprintf(sub, sizeof(sub), "%s/%s", name, inside[i]);
		err = folder_make(s, sub, NULL);
	}
	if (err)
		return err;
	b->chain = sandbox_text("%s/chain.pem", b->folder);
	b->link_path = sandbox_text("%s/roomd/link", b->folder);
	b->picture = sandbox_text("%s/room.png", b->folder);
	if (!b->chain || !b->link_path || !b->picture)
		return KK_ENOMEM;
	return wrap_key_make(b);
}

/* One sandbox at a time in a folder. */
static enum kk_err lock_take(struct sandbox *s)
{
	char *path = sandbox_text("%s/lock", s->options.state);

	if (!path)
		return KK_ENOMEM;
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	kk_free(path);
	if (s->lock < 0)
		return KK_EIO;
	if (!flock(s->lock, LOCK_EX | LOCK_NB))
		return KK_OK;
	sandbox_tell(s, WORD_RUNS, s->options.state, NULL, NULL);
	return KK_EEXIST;
}

/* Also the folders above it.  path is ours. */
static enum kk_err folders_make(char *path)
{
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return KK_EIO;
		*at = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? KK_EIO : KK_OK;
}

enum kk_err sandbox_state_open(struct sandbox *s)
{
	char *top = sandbox_text("%s", s->options.state);
	char run[] = "/tmp/konklave-XXXXXX"; /* sockets' paths are short */
	enum kk_err err = top ? folders_make(top) : KK_ENOMEM;

	kk_free(top);
	if (err) {
		(void)fprintf(stderr, "sandbox: %s: %s\n", s->options.state,
		    strerror(errno));
		return err;
	}
	err = lock_take(s);
	if (!err)
		err = folder_make(s, "log", NULL);
	if (!err)
		err = folder_make(s, "sfud", NULL);
	if (!err)
		err = folder_make(s, "site", &s->site);
	for (unsigned i = 1; !err && i <= SANDBOX_LINES; i++)
		err = box_make(s, i);
	if (!err && s->options.lines)
		err = sandbox_dial_in_make(s);
	if (err || !mkdtemp(run))
		return err ? err : KK_EIO;
	s->run = sandbox_text("%s", run);
	sandbox_children_init(s);
	return s->run ? KK_OK : KK_ENOMEM;
}

/* The children's sockets, and the folder. */
static void run_remove(const struct sandbox *s)
{
	DIR *folder = opendir(s->run);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)) != NULL) {
		char path[SANDBOX_PATH_BYTES];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", s->run,
		    entry->d_name);
		(void)unlink(path);
	}
	if (folder)
		(void)closedir(folder);
	if (rmdir(s->run))
		(void)fprintf(stderr, "sandbox: %s: %s\n", s->run,
		    strerror(errno));
}

void sandbox_state_close(struct sandbox *s)
{
	if (s->run)
		run_remove(s);
	for (unsigned i = 0; i < SANDBOX_LINES; i++) {
		kk_free(s->box[i].folder);
		kk_free(s->box[i].chain);
		kk_free(s->box[i].link_path);
		kk_free(s->box[i].picture);
	}
	kk_free(s->run);
	kk_free(s->site);
	if (s->lock >= 0)
		(void)close(s->lock);
}

static sd_json_variant *child_json(const struct sandbox_child *c)
{
	sd_json_variant *v = NULL;

	(void)sd_json_buildo(&v,
	    SD_JSON_BUILD_PAIR_STRING("name",
		sandbox_program_names[c->program]),
	    SD_JSON_BUILD_PAIR_STRING("label", c->label),
	    SD_JSON_BUILD_PAIR_UNSIGNED("box", c->box),
	    SD_JSON_BUILD_PAIR_UNSIGNED("pid", (uint64_t)c->pid),
	    SD_JSON_BUILD_PAIR_BOOLEAN("isReady", c->is_ready),
	    SD_JSON_BUILD_PAIR_UNSIGNED("restarts", c->restarts));
	return v;
}

static sd_json_variant *box_json(const struct sandbox *s,
    const struct sandbox_box *b)
{
	sd_json_variant *v = NULL;
	char *keyd = sandbox_text("%s/keyd%s.policy", s->run, b->tag);
	char *face = sandbox_text("%s/roomd%s.face", s->run, b->tag);
	char *input = sandbox_text("%s/mediad%s.input", s->run, b->tag);

	(void)sd_json_buildo(&v, SD_JSON_BUILD_PAIR_UNSIGNED("box", b->number),
	    SD_JSON_BUILD_PAIR_STRING("folder", b->folder),
	    SD_JSON_BUILD_PAIR_STRING("picture", b->picture),
	    SD_JSON_BUILD_PAIR_STRING("link", b->link),
	    SD_JSON_BUILD_PAIR_STRING("keyd", keyd),
	    SD_JSON_BUILD_PAIR_STRING("face", face),
	    SD_JSON_BUILD_PAIR_STRING("input", input));
	kk_free(keyd);
	kk_free(face);
	kk_free(input);
	return v;
}

/* Null: there are none. */
static sd_json_variant *lines_json(const struct sandbox *s)
{
	const struct sandbox_box *b = &s->box[SANDBOX_LINES - 1];
	const size_t digits = strcspn(s->dial_in, " ");
	sd_json_variant *v = NULL;
	char *face, *number;

	if (!s->options.lines)
		return NULL;
	face = sandbox_text("%s/roomd%s.face", s->run, b->tag);
	number = sandbox_text("%.*s", (int)digits, s->dial_in);
	(void)sd_json_buildo(&v,
	    SD_JSON_BUILD_PAIR_UNSIGNED("lines", s->options.lines),
	    SD_JSON_BUILD_PAIR_UNSIGNED("sip",
		sandbox_port(&s->options, SANDBOX_SIP)),
	    SD_JSON_BUILD_PAIR_UNSIGNED("sipTls",
		sandbox_port(&s->options, SANDBOX_SIP_TLS)),
	    SD_JSON_BUILD_PAIR_STRING("number", number),
	    SD_JSON_BUILD_PAIR_STRING("pin",
		s->dial_in + digits + (s->dial_in[digits] == ' ')),
	    SD_JSON_BUILD_PAIR_STRING("folder", b->folder),
	    SD_JSON_BUILD_PAIR_STRING("face", face));
	kk_free(face);
	kk_free(number);
	return v;
}

static const char *phase_of(const struct sandbox *s)
{
	if (s->is_ending)
		return "ending";
	return s->is_announced ? "running" : "starting";
}

static sd_json_variant *status_json(struct sandbox *s)
{
	sd_json_variant *v = NULL, *programs = NULL, *boxes = NULL, *one;
	sd_json_variant *lines = lines_json(s);
	char *link = sandbox_local_link(s);
	struct sandbox_child *c;

	for (size_t i = 0; (c = sandbox_child_at(s, i)) != NULL; i++) {
		one = child_json(c);
		(void)sd_json_variant_append_array(&programs, one);
		sd_json_variant_unref(one);
	}
	for (unsigned i = 0; i < s->options.boxes; i++) {
		one = box_json(s, &s->box[i]);
		(void)sd_json_variant_append_array(&boxes, one);
		sd_json_variant_unref(one);
	}
	(void)sd_json_buildo(&v,
	    SD_JSON_BUILD_PAIR_STRING("phase", phase_of(s)),
	    SD_JSON_BUILD_PAIR_UNSIGNED("pid", (uint64_t)getpid()),
	    SD_JSON_BUILD_PAIR_STRING("link", link),
	    SD_JSON_BUILD_PAIR_UNSIGNED("port", s->options.port),
	    SD_JSON_BUILD_PAIR_STRING("run", s->run),
	    SD_JSON_BUILD_PAIR_STRING("site", s->site),
	    SD_JSON_BUILD_PAIR_VARIANT("programs", programs),
	    SD_JSON_BUILD_PAIR_VARIANT("boxes", boxes),
	    SD_JSON_BUILD_PAIR_CONDITION(lines != NULL, "lines",
		SD_JSON_BUILD_VARIANT(lines)));
	sd_json_variant_unref(lines);
	sd_json_variant_unref(programs);
	sd_json_variant_unref(boxes);
	kk_free(link);
	return v;
}

/* Whole or not at all: it is read while it is written. */
void sandbox_state_write(struct sandbox *s)
{
	char *path = sandbox_text("%s/status.json", s->options.state);
	char *fresh = sandbox_text("%s/status.new", s->options.state);
	sd_json_variant *v = status_json(s);
	mode_t mask = umask(077); /* the link is in it */
	FILE *file = fresh ? fopen(fresh, "we") : NULL;

	(void)umask(mask);
	if (!path || !v || !file ||
	    sd_json_variant_dump(v, SD_JSON_FORMAT_NEWLINE, file, NULL) < 0 ||
	    fflush(file) || rename(fresh, path))
		(void)fprintf(stderr, "sandbox: status.json: %s\n",
		    strerror(errno));
	if (file)
		(void)fclose(file);
	sd_json_variant_unref(v);
	kk_free(path);
	kk_free(fresh);
}

static bool runs(const struct sandbox_options *o)
{
	char *path = sandbox_text("%s/lock", o->state);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	bool is_held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB);

	kk_free(path);
	if (fd >= 0)
		(void)close(fd);
	return is_held;
}

enum kk_err sandbox_state_show(const struct sandbox_options *o)
{
	char *path = sandbox_text("%s/status.json", o->state);
	FILE *file = path ? fopen(path, "re") : NULL;
	char text[1024];

	kk_free(path);
	if (!file || !runs(o)) {
		(void)puts("{\"phase\":\"ended\"}");
		if (file)
			(void)fclose(file);
		return KK_ENOENT;
	}
	while (fgets(text, sizeof(text), file))
		(void)fputs(text, stdout);
	(void)fclose(file);
	return KK_OK;
}
