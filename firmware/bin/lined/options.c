/* options.c - the command line. */
#include <stdio.h>
#include <string.h>

#include "lined.h"

enum { LINES = 8, CALLS_PER_SECOND = 5, TALK_MINUTES = 240, MEMORY_MB = 512 };

static const char help[] =
    "usage: lined --roomd=SOCKET --mixd=SOCKET --prompts=FOLDER\n"
    "             --listen=TRANSPORT:ADDRESS:PORT [OPTION...]\n"
    "\n"
    "Telephone lines into a meeting.  See lined(8).\n"
    "\n"
    "  --roomd=SOCKET          where the lines' roomd has its role lines\n"
    "  --mixd=SOCKET           where mixd has its role lines\n"
    "  --prompts=FOLDER        with en/NAME.wav and de/NAME.wav\n"
    "  --own-prompts=FOLDER    recordings of the site's own, which go first\n"
    "  --language=[NUMBER:]LANG  en (default) or de; of one called number\n"
    "  --listen=TRANSPORT:ADDRESS:PORT  udp, tcp or tls; v6 in [ ]\n"
    "  --certificate=FOLDER    for tls: agent.pem and cafile.pem\n"
    "  --state=FOLDER          for what ends calls, should we be killed\n"
    "  --media-address=ADDRESS for sound (that of the way to the caller)\n"
    "  --rtp-ports=FIRST-LAST  of sound (16384-17407)\n"
    "  --srtp=RULE             require, prefer (default) or never\n"
    "  --numbers=SHOWN         of callers: part (default), full or none\n"
    "  --trunk=FILE            a telephone exchange to register at\n"
    "  --domain=NAME           of our own telephones\n"
    "  --accounts=FILE         our own telephones: USER HA1\n"
    "  --calls-from=WHO        trunks, known (default) or anybody\n"
    "  --number=USER           that is answered (all that are called)\n"
    "  --may-call=PREFIX       that the room may call, or all (none)\n"
    "  --lines=N               at a time; roomd and mixd have as many (8)\n"
    "  --calls-per-second=N    that come (5)\n"
    "  --talk-minutes=N        of one call; 0: no end (240)\n"
    "  --memory-mb=N           the most this process takes; 0: all (512)\n"
    "  --log=json              each line of the log as an object (text)\n"
    "  --help\n";

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("lined", of, what);
}

static const char *language_take(void *arg, const char *value)
{
	struct lined_options *o = arg;
	const char *name = strrchr(value, ':');
	const size_t bytes = name ? (size_t)(name - value) : 0;
	struct lined_number *n = &o->numbers[o->number_count];
	enum lined_language language;

	name = name ? name + 1 : value;
	if (!strcmp(name, "en"))
		language = LINED_EN;
	else if (!strcmp(name, "de"))
		language = LINED_DE;
	else
		return "not en or de";
	if (name == value) {
		o->language = language;
		return NULL;
	}
	if (bytes == 0 || bytes >= sizeof(n->number) ||
	    o->number_count == LINED_NUMBERS_MAX)
		return "too long, or too many";
	memcpy(n->number, value, bytes);
	n->number[bytes] = '\0';
	n->language = language;
	o->number_count++;
	return NULL;
}

static const char *listen_take(void *arg, const char *value)
{
	static const char *const names[UA_TRANSPORT_COUNT] = {
		[UA_UDP] = "udp:",
		[UA_TCP] = "tcp:",
		[UA_TLS] = "tls:",
	};
	struct lined_options *o = arg;
	const char *text = NULL, *wrong;
	enum ua_transport t = UA_UDP;

	for (; t < UA_TRANSPORT_COUNT; t++) {
		if (!strncmp(value, names[t], strlen(names[t]))) {
			text = value + strlen(names[t]);
			break;
		}
	}
	if (!text || o->listen_count == UA_LISTENS_MAX)
		return text ? "too many" : "not udp:, tcp: or tls:";
	wrong = program_address_take(text, 0,
	    o->listens[o->listen_count].address, sizeof(o->listens[0].address),
	    &o->listens[o->listen_count].port);
	if (!wrong && !o->listens[o->listen_count].address[0])
		wrong = "without an address";
	if (!wrong)
		o->listens[o->listen_count++].transport = t;
	return wrong;
}

static const char *text_add(const char **list, size_t *count, size_t max,
    const char *value)
{
	if (!*value || *count == max)
		return *value ? "too many" : "empty";
	list[(*count)++] = value;
	return NULL;
}

static const char *trunk_take(void *arg, const char *value)
{
	struct lined_options *o = arg;

	return text_add(o->trunks, &o->trunk_count, UA_TRUNKS_MAX, value);
}

static const char *number_take(void *arg, const char *value)
{
	struct lined_options *o = arg;

	return text_add(o->users, &o->user_count, UA_USERS_MAX, value);
}

static const char *may_call_take(void *arg, const char *value)
{
	struct lined_options *o = arg;

	return text_add(o->prefixes, &o->prefix_count, LINED_PREFIXES_MAX,
	    value);
}

static const char *ports_take(void *arg, const char *value)
{
	struct lined_options *o = arg;
	uint64_t first, last;

	if (!program_number_take(&value, 1024, 65534, &first) ||
	    *value++ != '-' ||
	    !program_number_take(&value, 1024, 65535, &last) || *value ||
	    last <= first + 1)
		return "not FIRST-LAST, from 1024 to 65535";
	o->ports = (struct rtp_ports){ (uint16_t)first, (uint16_t)last };
	return NULL;
}

static const char *numbers_take(void *arg, const char *value)
{
	static const char *const shown[] = { [LINED_SHOWN_PART] = "part",
		[LINED_SHOWN_FULL] = "full",
		[LINED_SHOWN_NONE] = "none" };
	struct lined_options *o = arg;

	for (size_t i = 0; i < KK_ARRAY_LEN(shown); i++) {
		if (!strcmp(value, shown[i])) {
			o->numbers_shown = (enum lined_shown)i;
			return NULL;
		}
	}
	return "not part, full or none";
}

static const char *srtp_take(void *arg, const char *value)
{
	struct lined_options *o = arg;

	if (!strcmp(value, "require"))
		o->srtp = OFFER_SRTP_REQUIRE;
	else if (!strcmp(value, "prefer"))
		o->srtp = OFFER_SRTP_PREFER;
	else if (!strcmp(value, "never"))
		o->srtp = OFFER_SRTP_NEVER;
	else
		return "not require, prefer or never";
	return NULL;
}

static const char *rule_take(void *arg, const char *value)
{
	struct lined_options *o = arg;

	if (!strcmp(value, "trunks"))
		o->rule = UA_RULE_TRUNKS;
	else if (!strcmp(value, "known"))
		o->rule = UA_RULE_KNOWN;
	else if (!strcmp(value, "anybody"))
		o->rule = UA_RULE_ANYBODY;
	else
		return "not trunks, known or anybody";
	return NULL;
}

static const char *log_take(void *arg, const char *value)
{
	struct lined_options *o = arg;

	o->logs_json = strcmp(value, "json") == 0;
	return o->logs_json || strcmp(value, "text") == 0 ? NULL :
							    "not text or json";
}

static enum kk_err needed_check(const struct lined_options *o)
{
	union rtp_address address;

	if (!o->roomd)
		return complain("--roomd", "needed");
	if (!o->mixd)
		return complain("--mixd", "needed");
	if (!o->prompts)
		return complain("--prompts", "needed");
	if (o->listen_count == 0)
		return complain("--listen", "needed, as udp:192.0.2.4:5060");
	for (size_t i = 0; i < o->listen_count; i++) {
		if (o->listens[i].transport == UA_TLS && !o->certificate)
			return complain("--certificate", "needed for tls:");
		if (!rtp_address_parse(&address, o->listens[i].address, 0))
			return complain("--listen", "not a literal address");
	}
	if (o->accounts && !o->domain)
		return complain("--domain", "needed with --accounts");
	if (o->media_address &&
	    !rtp_address_parse(&address, o->media_address, 0))
		return complain("--media-address", "not a literal address");
	return KK_OK;
}

enum kk_err lined_options_parse(struct lined_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "roomd", .text = &o->roomd },
		{ "mixd", .text = &o->mixd },
		{ "prompts", .text = &o->prompts },
		{ "own-prompts", .text = &o->own_prompts },
		{ "language", .take = language_take },
		{ "listen", .take = listen_take },
		{ "certificate", .text = &o->certificate },
		{ "state", .text = &o->state },
		{ "media-address", .text = &o->media_address },
		{ "rtp-ports", .take = ports_take },
		{ "srtp", .take = srtp_take },
		{ "numbers", .take = numbers_take },
		{ "trunk", .take = trunk_take },
		{ "domain", .text = &o->domain },
		{ "accounts", .text = &o->accounts },
		{ "calls-from", .take = rule_take },
		{ "number", .take = number_take },
		{ "may-call", .take = may_call_take },
		{ "lines", .number = &o->lines, .min = 1,
		    .max = LINED_LINES_MAX },
		{ "calls-per-second", .number = &o->calls_per_second, .min = 1,
		    .max = 1000 },
		{ "talk-minutes", .number = &o->talk_minutes, .max = 10000 },
		{ "memory-mb", .number = &o->memory_mb, .max = 1 << 20 },
		{ "log", .take = log_take },
	};
	const struct program_options options = { .program = "lined",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct lined_options){ .srtp = OFFER_SRTP_PREFER,
		.rule = UA_RULE_KNOWN,
		.ports = { 16384, 17407 },
		.lines = LINES,
		.calls_per_second = CALLS_PER_SECOND,
		.talk_minutes = TALK_MINUTES,
		.memory_mb = MEMORY_MB };
	err = program_options_parse(&options, argc, argv, &o->is_done);
	return err || o->is_done ? err : needed_check(o);
}
