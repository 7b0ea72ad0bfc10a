/* options.c - the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sfud.h"

enum {
	KEEP_S = 24 * 3600,
	PACKETS_PER_S = 4000,
	PACKETS_MAX = 1000000,
	WHAT_BYTES = 80
};

static const char help[] =
    "usage: konklave-sfu [OPTION...]      (on a box its name is sfud)\n"
    "\n"
    "Forwards sealed media and orders sealed key messages.  See sfud(8).\n"
    "\n"
    "  --config=FILE           options, one a line, without their dashes\n"
    "  --state=FOLDER          where meetings are kept ($STATE_DIRECTORY)\n"
    "  --site-token-hash=FILE  32 bytes: SHA-256 of the site's token\n"
    "  --media-port=PORT       UDP, for all media (0: any); the second worker\n"
    "                          has the next one, and so on\n"
    "  --tcp-port=PORT         the same of TCP, where UDP is blocked\n"
    "                          (that of --media-port, where it is free)\n"
    "  --media-over=WAY        what clients are told: udp, tcp or both (both)\n"
    "  --workers=COUNT         threads that forward (one for each core)\n"
    "  --packets-max=COUNT     that one may send in a second over a transport\n"
    "                          (4000; 0: any number)\n"
    "  --allow-audio-levels    clients tell how loud they are, and where\n"
    "                          there are many the loudest are heard: who runs\n"
    "                          this knows who speaks (refused)\n"
    "  --keep=TIME             how long a meeting stays that nobody is in, as\n"
    "                          90s, 30m or 24h, the default (0s: for ever)\n"
    "  --drain=TIME            at SIGTERM, how long meetings may go on before\n"
    "                          they are ended (0s)\n"
    "  --metrics-loopback=PORT Prometheus reads http://127.0.0.1:PORT/metrics\n"
    "  --log=json              each line of the log as an object (text)\n"
    "  --address=ADDRESS       offered to clients for media; may be given 16\n"
    "                          times (all of this machine's)\n"
    "  --listen=[ADDRESS:]PORT signalling, over TLS; a v6 address in [ ]\n"
    "  --cert=FILE             PEM chain for --listen\n"
    "  --key=FILE              PEM private key of it\n"
    "  --listen-loopback=PORT  signalling on 127.0.0.1, without TLS\n"
    "\n"
    "  --check                 says what is wrong with the options and their\n"
    "                          files, and ends\n"
    "  --health                says how the one of --metrics-loopback is, and\n"
    "                          ends\n"
    "  --make-token=FILE       makes a site's token, and FILE-hash, and ends\n"
    "  --version\n"
    "  --help\n";

/* The last part of a path. */
static const char *name_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "sfud";
}

static enum kk_err complain(const struct sfud_options *o, const char *of,
    const char *what)
{
	return program_options_complain(o->program, of, what);
}

static const char *listen_take(void *arg, const char *value)
{
	struct sfud_options *o = arg;

	o->has_listen = true;
	return program_address_take(value, 0, o->listen_address,
	    sizeof(o->listen_address), &o->listen_port);
}

static const char *port_take(const char *value, bool *has, uint16_t *port)
{
	uint64_t n = 0;

	if (!program_number_take(&value, 0, UINT16_MAX, &n) || *value)
		return "not a port from 0 to 65535";
	*has = true;
	*port = (uint16_t)n;
	return NULL;
}

static const char *loopback_take(void *arg, const char *value)
{
	struct sfud_options *o = arg;

	return port_take(value, &o->has_loopback, &o->loopback_port);
}

static const char *metrics_take(void *arg, const char *value)
{
	struct sfud_options *o = arg;

	return port_take(value, &o->has_metrics, &o->metrics_port);
}

/* NULL, or what is wrong. */
static const char *time_take(const char *value, uint64_t *seconds)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	uint64_t n = 0;

	if (!program_number_take(&value, 0, UINT32_MAX, &n))
		return "not a time like 24h";
	for (size_t i = 0; i < KK_ARRAY_LEN(units); i++) {
		if (strcmp(value, units[i].unit) != 0)
			continue;
		*seconds = n * units[i].seconds;
		return NULL;
	}
	return "not a time like 24h";
}

static const char *keep_take(void *arg, const char *value)
{
	struct sfud_options *o = arg;

	return time_take(value, &o->keep_s);
}

static const char *drain_take(void *arg, const char *value)
{
	struct sfud_options *o = arg;

	return time_take(value, &o->drain_s);
}

static const char *log_take(void *arg, const char *value)
{
	struct sfud_options *o = arg;

	o->logs_json = strcmp(value, "json") == 0;
	return o->logs_json || strcmp(value, "text") == 0 ? NULL :
							    "not text or json";
}

static const char *over_take(void *arg, const char *value)
{
	static const char *const ways[] = { [MEDIA_OVER_BOTH] = "both",
		[MEDIA_OVER_UDP] = "udp",
		[MEDIA_OVER_TCP] = "tcp" };
	struct sfud_options *o = arg;

	for (size_t i = 0; i < KK_ARRAY_LEN(ways); i++) {
		if (strcmp(value, ways[i]) != 0)
			continue;
		o->over = (enum media_over)i;
		return NULL;
	}
	return "not udp, tcp or both";
}

static const char *address_take(void *arg, const char *value)
{
	struct sfud_options *o = arg;

	if (o->address_count == SFUD_ADDRESSES_MAX)
		return "too many addresses";
	o->addresses[o->address_count++] = value;
	return NULL;
}

static enum kk_err serving_check(const struct sfud_options *o)
{
	if (!o->state)
		return complain(o, "--state", "needed: a folder of its own");
	if (!o->site_token_hash)
		return complain(o, "--site-token-hash",
		    "needed: a file of 32 bytes");
	if (!o->has_listen && !o->has_loopback)
		return complain(o, "--listen", "needed, or --listen-loopback");
	if (o->has_listen && (!o->cert || !o->key))
		return complain(o, "--listen", "needs --cert and --key");
	return KK_OK;
}

static enum kk_err options_check(struct sfud_options *o)
{
	if (o->is_check + o->is_health + !!o->make_token > 1)
		return complain(o, "--check, --health, --make-token",
		    "one of them alone");
	if (o->make_token) {
		o->command = SFUD_MAKE_TOKEN;
		return KK_OK;
	}
	if (o->is_health) {
		o->command = SFUD_HEALTH;
		return o->metrics_port ?
		    KK_OK :
		    complain(o, "--health", "needs --metrics-loopback");
	}
	if (o->is_check)
		o->command = SFUD_CHECK;
	return serving_check(o);
}

static enum kk_err line_parse(struct sfud_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "config", .text = &o->config },
		{ "state", .text = &o->state },
		{ "site-token-hash", .text = &o->site_token_hash },
		{ "media-port", .port = &o->media_port },
		{ "tcp-port", .port = &o->tcp_port, .min = 1 },
		{ "media-over", .take = over_take },
		{ "workers", .number = &o->workers, .min = 1,
		    .max = POOL_WORKERS_MAX },
		{ "packets-max", .number = &o->packets_per_s, .min = 0,
		    .max = PACKETS_MAX },
		{ "allow-audio-levels", .flag = &o->allows_audio_levels },
		{ "keep", .take = keep_take },
		{ "drain", .take = drain_take },
		{ "metrics-loopback", .take = metrics_take },
		{ "log", .take = log_take },
		{ "address", .take = address_take },
		{ "listen", .take = listen_take },
		{ "listen-loopback", .take = loopback_take },
		{ "cert", .text = &o->cert },
		{ "key", .text = &o->key },
		{ "check", .flag = &o->is_check },
		{ "health", .flag = &o->is_health },
		{ "make-token", .text = &o->make_token },
	};
	const struct program_options options = { .program = o->program,
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o,
		.version = sfud_version };

	return program_options_parse(&options, argc, argv, &o->is_done);
}

static void defaults_set(struct sfud_options *o)
{
	*o = (struct sfud_options){ .program = o->program,
		.config = o->config,
		.file = o->file,
		.state = getenv("STATE_DIRECTORY"),
		.packets_per_s = PACKETS_PER_S,
		.keep_s = KEEP_S };
}

static enum kk_err file_complain(const struct sfud_options *o, enum kk_err err,
    size_t line)
{
	char what[WHAT_BYTES];

	if (line == 0)
		return complain(o, o->config, kk_err_text(err));
	(void)snprintf(what, sizeof(what),
	    "line %zu: not an option as NAME=VALUE", line);
	return complain(o, o->config, what);
}

/* What the command line says, counts more than what the file does. */
static enum kk_err file_parse(struct sfud_options *o, int argc, char **argv)
{
	struct kk_bytes file;
	size_t line = 0;
	enum kk_err err = program_file_read(o->config, PROGRAM_CONFIG_BYTES,
	    &file);

	if (!err)
		err = program_config_parse(&o->file, kk_bytes_view(&file), argc,
		    argv, &line);
	kk_bytes_clear(&file);
	if (err)
		return file_complain(o, err, line);
	defaults_set(o);
	return line_parse(o, o->file.argc, o->file.argv) ?
	    complain(o, o->config, "has what is named above") :
	    KK_OK;
}

enum kk_err sfud_options_parse(struct sfud_options *o, int argc, char **argv)
{
	enum kk_err err;

	*o = (struct sfud_options){ .program = name_of(argv[0]) };
	defaults_set(o);
	err = line_parse(o, argc, argv);
	if (!err && !o->is_done && o->config)
		err = file_parse(o, argc, argv);
	return err || o->is_done ? err : options_check(o);
}

void sfud_options_clear(struct sfud_options *o)
{
	program_config_clear(&o->file);
}
