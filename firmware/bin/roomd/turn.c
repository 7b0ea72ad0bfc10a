/* turn.c - STUN and TURN servers for the box's media. */
#define _GNU_SOURCE /* CLOCK_REALTIME; libsystemd's macros ask for it */
#include <time.h>

#include "crypto/crypto.h"
#include "roomd.h"

/* What coturn and its like show for a box. */
static const char login_name[] = "room";

typedef enum kk_err set_fn(struct ice_config *config, struct kk_view file);

static enum kk_err file_take(struct roomd *d, const char *path,
    const char *option, set_fn *set)
{
	struct kk_bytes file;
	enum kk_err err;

	if (!path)
		return KK_OK;
	err = program_secret_read(path, ICE_FILE_MAX_BYTES, &file);
	if (!err)
		err = set(&d->options.ice, kk_bytes_view(&file));
	kk_bytes_clear(&file);
	if (err == KK_EDENIED)
		kk_log(&d->log, KK_LOG_ERROR,
		    "%s: others could read the file; make it mode 0600",
		    option);
	else if (err)
		kk_log(&d->log, KK_LOG_ERROR,
		    "%s: the file is not usable err=%s", option,
		    kk_err_name(err));
	return err;
}

static const char *complaint_of(enum kk_err err)
{
	switch (err) {
	case KK_ENOKEY:
		return "a TURN server needs --turn-login or --turn-secret";
	case KK_EEXIST:
		return "--turn-login and --turn-secret exclude each other";
	default:
		return "--relay-only needs a TURN server";
	}
}

enum kk_err roomd_turn_read(struct roomd *d)
{
	const struct roomd_options *o = &d->options;
	enum kk_err err = file_take(d, o->turn_login, "--turn-login",
	    ice_config_login_set);

	if (!err)
		err = file_take(d, o->turn_secret, "--turn-secret",
		    ice_config_secret_set);
	if (err)
		return err;
	err = ice_config_check(&o->ice);
	if (err)
		kk_log(&d->log, KK_LOG_ERROR, "%s", complaint_of(err));
	return err ? err : crypto_init();
}

static enum kk_err server_put(const struct ice_server *s,
    const struct ice_login *login, sd_json_variant **list)
{
	sd_json_variant *one = NULL;
	enum kk_err err = call_put_text(&one, "kind", ice_kind_name(s->kind));

	if (!err)
		err = call_put_text(&one, "host", s->host);
	if (!err)
		err = call_put_u64(&one, "port", s->port);
	if (!err && s->kind != ICE_STUN)
		err = call_put_text(&one, "user", login->user);
	if (!err && s->kind != ICE_STUN)
		err = call_put_secret_text(&one, "password", login->password);
	if (!err)
		err = call_list_add(list, one);
	sd_json_variant_unref(one);
	return err;
}

static enum kk_err login_get(const struct roomd *d, struct ice_login *login)
{
	struct timespec now;
	enum kk_err err;

	if (clock_gettime(CLOCK_REALTIME, &now))
		return KK_EIO;
	err = ice_config_login_get(&d->options.ice, login_name,
	    (uint64_t)now.tv_sec, ROOMD_LOGIN_S, login);
	return err == KK_ENOENT ? KK_OK : err; /* STUN needs none */
}

enum kk_err roomd_turn_put(const struct roomd *d, unsigned role,
    sd_json_variant **out)
{
	const struct ice_config *config = &d->options.ice;
	sd_json_variant *list = NULL;
	const size_t count = role == ROOMD_MEDIA ? config->server_count : 0;
	struct ice_login login = { .user = "" };
	enum kk_err err = count ? login_get(d, &login) : KK_OK;

	for (size_t i = 0; !err && i < count; i++)
		err = server_put(&config->servers[i], &login, &list);
	kk_wipe(&login, sizeof(login));
	if (!err)
		err = list ? call_put_value(out, "servers", list) :
			     call_put_empty_list(out, "servers");
	sd_json_variant_unref(list);
	return err ? err :
		     call_put_bool(out, "relayOnly", config->is_relay_only);
}
