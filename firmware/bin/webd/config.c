/* config.c - /config.json: what the page asks first (docs/protocol.md, "The
 * link"). */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-json.h>

#include "webd.h"

/* text has room for one byte more than may be read. */
static enum kk_err trust_read(const struct webd *w, char *text)
{
	FILE *file;
	size_t n;

	text[0] = '\0';
	if (!w->options.trust)
		return KK_OK;
	file = fopen(w->options.trust, "re");
	if (!file) {
		kk_log(&w->log, KK_LOG_ERROR, "--trust=%s cannot be read: %s",
		    w->options.trust, strerror(errno));
		return KK_EIO;
	}
	n = fread(text, 1, WEBD_TRUST_MAX_BYTES + 1, file);
	(void)fclose(file);
	if (n > WEBD_TRUST_MAX_BYTES)
		return KK_ELIMIT;
	text[n] = '\0';
	return KK_OK;
}

static enum kk_err object_build(const struct webd_options *o, const char *trust,
    sd_json_variant **v)
{
	return sd_json_buildo(v, SD_JSON_BUILD_PAIR_STRING("site", o->site),
		   SD_JSON_BUILD_PAIR("signal",
		       SD_JSON_BUILD_OBJECT(SD_JSON_BUILD_PAIR_UNSIGNED("port",
						o->signal_port),
			   SD_JSON_BUILD_PAIR_UNSIGNED("loopbackPort",
			       o->signal_loopback_port))),
		   SD_JSON_BUILD_PAIR_STRING("trust", trust)) < 0 ?
	    KK_EFORMAT :
	    KK_OK;
}

enum kk_err webd_config_make(struct webd *w)
{
	char trust[WEBD_TRUST_MAX_BYTES + 2], *text = NULL;
	sd_json_variant *v = NULL;
	enum kk_err err = trust_read(w, trust);

	if (!err)
		err = object_build(&w->options, trust, &v);
	if (!err && sd_json_variant_format(v, 0, &text) < 0)
		err = KK_ENOMEM;
	sd_json_variant_unref(v);
	if (err)
		return err;
	w->config_bytes = strlen(text);
	if (w->config_bytes > WEBD_CONFIG_BYTES)
		err = KK_ELIMIT;
	else
		memcpy(w->config + LWS_PRE, text, w->config_bytes);
	kk_free(text);
	return err;
}
