/* options.c - the command line. */
#include <string.h>

#include "webd.h"

static const char help[] =
    "usage: webd --root=FOLDER [OPTION...]\n"
    "\n"
    "Serves the guest's page.  See webd(8).\n"
    "\n"
    "  --root=FOLDER              the built page\n"
    "  --listen=[ADDRESS:]PORT    HTTPS; an IPv6 address in brackets\n"
    "  --cert=FILE --key=FILE     PEM chain and key for it\n"
    "  --listen-loopback=PORT     plain HTTP on 127.0.0.1 and ::1\n"
    "  --signal-port=PORT         where sfud listens with TLS\n"
    "  --signal-loopback-port=PORT  and without, on loopback\n"
    "  --site=NAME                the site's name, shown by the page\n"
    "  --trust=FILE               PEM certificates of the site's CAs, for the\n"
    "                             page to know its members by\n"
    "  --ice-server=URI           stun:, turn: or turns:HOST[:PORT], with\n"
    "                             [?transport=udp|tcp], for browsers; up to 8\n"
    "  --turn-secret=FILE         the secret that passwords for TURN are made\n"
    "                             from, one for each visit\n"
    "  --relay-only               browsers send media by TURN servers alone\n"
    "  --video=FORM               what cameras of browsers send: vp8, vp9 or\n"
    "                             vp9-l3t3\n"
    "  --label=TEXT               a classification that hosts may choose\n"
    "  --label-no-lines=TEXT      one under which telephones are not allowed;\n"
    "                             up to 16, as roomd has them\n"
    "  --help\n";

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("webd", of, what);
}

static const char *listen_take(void *arg, const char *value)
{
	struct webd_options *o = arg;

	return program_address_take(value, 1, o->address, sizeof(o->address),
	    &o->port);
}

static const char *ice_server_take(void *arg, const char *value)
{
	struct webd_options *o = arg;

	switch (ice_config_server_add(&o->ice, value)) {
	case KK_OK:
		return NULL;
	case KK_EUNSUP:
		return "browsers do not speak this";
	case KK_EEXIST:
		return "given twice";
	case KK_ELIMIT:
		return "too long, or too many";
	default:
		return "not stun:, turn: or turns:HOST[:PORT] with "
		       "[?transport=udp|tcp]";
	}
}

static const char *label_add(struct webd_options *o, const char *text,
    bool allows_lines)
{
	const struct kk_view view = kk_view_text(text);

	if (view.bytes == 0 || view.bytes > WEBD_LABEL_BYTES ||
	    !kk_text_is_shown(view))
		return "not 1 to 64 bytes of text";
	for (size_t i = 0; i < o->label_count; i++) {
		if (!strcmp(o->labels[i].text, text))
			return "given twice";
	}
	if (o->label_count == WEBD_LABELS_MAX)
		return "too many";
	o->labels[o->label_count++] = (struct webd_label){ text, allows_lines };
	return NULL;
}

static const char *label_take(void *arg, const char *value)
{
	return label_add(arg, value, true);
}

static const char *label_no_lines_take(void *arg, const char *value)
{
	return label_add(arg, value, false);
}

static const char *video_take(void *arg, const char *value)
{
	/* As firmware/web/meeting/video.ts has them. */
	static const char *const forms[] = { "vp8", "vp9", "vp9-l3t3" };
	struct webd_options *o = arg;

	for (size_t i = 0; i < KK_ARRAY_LEN(forms); i++) {
		if (!strcmp(value, forms[i])) {
			o->video = forms[i];
			return NULL;
		}
	}
	return "vp8, vp9 or vp9-l3t3?";
}

static enum kk_err options_check(const struct webd_options *o)
{
	if (!o->root)
		return complain("--root", "needed");
	if (!o->port && !o->loopback_port)
		return complain("--listen, --listen-loopback", "one is needed");
	if (o->port && (!o->cert || !o->key))
		return complain("--listen", "needs --cert and --key");
	if (o->port && !o->signal_port)
		return complain("--listen", "needs --signal-port");
	if (o->loopback_port && !o->signal_loopback_port)
		return complain("--listen-loopback",
		    "needs --signal-loopback-port");
	return KK_OK;
}

enum kk_err webd_options_parse(struct webd_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "root", .text = &o->root },
		{ "listen", .take = listen_take },
		{ "cert", .text = &o->cert },
		{ "key", .text = &o->key },
		{ "listen-loopback", .port = &o->loopback_port, .min = 1 },
		{ "signal-port", .port = &o->signal_port, .min = 1 },
		{ "signal-loopback-port", .port = &o->signal_loopback_port,
		    .min = 1 },
		{ "site", .text = &o->site },
		{ "trust", .text = &o->trust },
		{ "ice-server", .take = ice_server_take },
		{ "turn-secret", .text = &o->turn_secret },
		{ "relay-only", .flag = &o->ice.is_relay_only },
		{ "video", .take = video_take },
		{ "label", .take = label_take },
		{ "label-no-lines", .take = label_no_lines_take },
	};
	const struct program_options options = { .program = "webd",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct webd_options){ .site = "Konklave", .video = "vp8" };
	err = program_options_parse(&options, argc, argv, &o->is_done);
	return err || o->is_done ? err : options_check(o);
}
