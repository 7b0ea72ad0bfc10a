/* config.c - /config.json: what the page asks first (docs/protocol.md, "The
 * link"). */
#define _GNU_SOURCE /* O_CLOEXEC, CLOCK_REALTIME */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-json.h>
#include <time.h>

#include "crypto/crypto.h"
#include "webd.h"

/* What coturn and its like show for a browser. */
static const char login_name[] = "guest";

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

static enum kk_err secret_read(struct webd *w)
{
	struct kk_bytes file;
	enum kk_err err;

	if (!w->options.turn_secret)
		return KK_OK;
	err = program_secret_read(w->options.turn_secret, ICE_FILE_MAX_BYTES,
	    &file);
	if (!err)
		err = ice_config_secret_set(&w->options.ice,
		    kk_bytes_view(&file));
	kk_bytes_clear(&file);
	if (err)
		kk_log(&w->log, KK_LOG_ERROR, "--turn-secret: %s err=%s",
		    err == KK_EDENIED ? "others could read the file; make it "
					"mode 0600" :
					"the file is not usable",
		    kk_err_name(err));
	return err;
}

enum kk_err webd_config_read(struct webd *w)
{
	enum kk_err err = trust_read(w, w->trust);

	if (!err)
		err = secret_read(w);
	if (err)
		return err;
	err = ice_config_check(&w->options.ice);
	if (err)
		kk_log(&w->log, KK_LOG_ERROR, "%s",
		    err == KK_ENOKEY ? "a TURN server needs --turn-secret" :
				       "--relay-only needs a TURN server");
	return err ? err : crypto_init();
}

static int server_build(const struct ice_server *s,
    const struct ice_login *login, sd_json_variant **v)
{
	char uri[ICE_URI_BYTES];
	int r;

	ice_server_write(s, uri);
	if (s->kind == ICE_STUN)
		return sd_json_buildo(v,
		    SD_JSON_BUILD_PAIR_STRING("urls", uri));
	r = sd_json_buildo(v, SD_JSON_BUILD_PAIR_STRING("urls", uri),
	    SD_JSON_BUILD_PAIR_STRING("username", login->user),
	    SD_JSON_BUILD_PAIR_STRING("credential", login->password));
	if (r >= 0)
		sd_json_variant_sensitive(*v);
	return r;
}

static enum kk_err login_make(const struct webd *w, struct ice_login *login)
{
	struct timespec now;
	enum kk_err err;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return KK_EIO;
	err = ice_config_login_get(&w->options.ice, login_name,
	    (uint64_t)now.tv_sec, WEBD_LOGIN_S, login);
	return err == KK_ENOENT ? KK_OK : err; /* STUN needs none */
}

/* As RTCPeerConnection has them. */
static enum kk_err servers_build(const struct webd *w, sd_json_variant **list)
{
	const struct ice_config *config = &w->options.ice;
	struct ice_login login;
	enum kk_err err = login_make(w, &login);
	int r = err ? 0 : sd_json_variant_new_array(list, NULL, 0);

	for (size_t i = 0; !err && r >= 0 && i < config->server_count; i++) {
		sd_json_variant *one = NULL;

		r = server_build(&config->servers[i], &login, &one);
		if (r >= 0)
			r = sd_json_variant_append_array(list, one);
		sd_json_variant_unref(one);
	}
	kk_wipe(&login, sizeof(login));
	return r < 0 ? KK_ENOMEM : err;
}

static enum kk_err labels_build(const struct webd_options *o,
    sd_json_variant **list)
{
	int r = sd_json_variant_new_array(list, NULL, 0);

	for (size_t i = 0; r >= 0 && i < o->label_count; i++) {
		sd_json_variant *one = NULL;

		r = sd_json_buildo(&one,
		    SD_JSON_BUILD_PAIR_STRING("text", o->labels[i].text),
		    SD_JSON_BUILD_PAIR_BOOLEAN("lines",
			o->labels[i].allows_lines));
		if (r >= 0)
			r = sd_json_variant_append_array(list, one);
		sd_json_variant_unref(one);
	}
	return r < 0 ? KK_ENOMEM : KK_OK;
}

static enum kk_err object_build(const struct webd *w, sd_json_variant *servers,
    sd_json_variant *labels, sd_json_variant **v)
{
	const struct webd_options *o = &w->options;

	return sd_json_buildo(v, SD_JSON_BUILD_PAIR_STRING("site", o->site),
		   SD_JSON_BUILD_PAIR("signal",
		       SD_JSON_BUILD_OBJECT(SD_JSON_BUILD_PAIR_UNSIGNED("port",
						o->signal_port),
			   SD_JSON_BUILD_PAIR_UNSIGNED("loopbackPort",
			       o->signal_loopback_port))),
		   SD_JSON_BUILD_PAIR_STRING("trust", w->trust),
		   SD_JSON_BUILD_PAIR_STRING("video", o->video),
		   SD_JSON_BUILD_PAIR_VARIANT("labels", labels),
		   SD_JSON_BUILD_PAIR("ice",
		       SD_JSON_BUILD_OBJECT(
			   SD_JSON_BUILD_PAIR_VARIANT("servers", servers),
			   SD_JSON_BUILD_PAIR_BOOLEAN("relayOnly",
			       o->ice.is_relay_only)))) < 0 ?
	    KK_EFORMAT :
	    KK_OK;
}

enum kk_err webd_config_make(struct webd *w)
{
	sd_json_variant *v = NULL, *servers = NULL, *labels = NULL;
	enum kk_err err = servers_build(w, &servers);
	char *text = NULL;

	webd_config_wipe(w);
	if (!err)
		err = labels_build(&w->options, &labels);
	if (!err)
		err = object_build(w, servers, labels, &v);
	if (!err && sd_json_variant_format(v, 0, &text) < 0)
		err = KK_ENOMEM;
	sd_json_variant_unref(v);
	sd_json_variant_unref(servers);
	sd_json_variant_unref(labels);
	if (err)
		return err;
	w->config_bytes = strlen(text);
	if (w->config_bytes > WEBD_CONFIG_BYTES)
		err = KK_ELIMIT;
	else
		memcpy(w->config + LWS_PRE, text, w->config_bytes);
	kk_free_wiped(text, strlen(text));
	return err;
}

void webd_config_wipe(struct webd *w)
{
	kk_wipe(w->config, sizeof(w->config));
	w->config_bytes = 0;
}
