/* config.c - which servers there are, and what they are used with. */
#include <string.h>

#include "ice/ice.h"
#include "ice/text_private.h"

enum kk_err ice_config_server_add(struct ice_config *config, const char *uri)
{
	struct ice_server server;
	enum kk_err err = ice_server_parse(&server, uri);

	if (err)
		return err;
	for (size_t i = 0; i < config->server_count; i++) {
		const struct ice_server *s = &config->servers[i];

		if (s->kind == server.kind && s->port == server.port &&
		    !strcmp(s->host, server.host))
			return KK_EEXIST;
	}
	if (config->server_count == ICE_SERVERS_MAX)
		return KK_ELIMIT;
	config->servers[config->server_count++] = server;
	return KK_OK;
}

enum kk_err ice_config_login_set(struct ice_config *config, struct kk_view file)
{
	enum kk_err err = ice_login_parse(&config->login, file);

	config->has_login = !err;
	return err;
}

enum kk_err ice_config_secret_set(struct ice_config *config,
    struct kk_view file)
{
	const struct kk_view line = ice_line(file);

	if (!ice_is_plain(line))
		return KK_EFORMAT;
	if (line.bytes > sizeof(config->secret))
		return KK_ELIMIT;
	memcpy(config->secret, line.data, line.bytes);
	config->secret_bytes = line.bytes;
	return KK_OK;
}

static bool has_turn(const struct ice_config *config)
{
	for (size_t i = 0; i < config->server_count; i++) {
		if (config->servers[i].kind != ICE_STUN)
			return true;
	}
	return false;
}

enum kk_err ice_config_check(const struct ice_config *config)
{
	if (config->has_login && config->secret_bytes)
		return KK_EEXIST;
	if (has_turn(config))
		return config->has_login || config->secret_bytes ? KK_OK :
								   KK_ENOKEY;
	return config->is_relay_only ? KK_ENOENT : KK_OK;
}

enum kk_err ice_config_login_get(const struct ice_config *config,
    const char *name, uint64_t now_s, uint64_t lasts_s, struct ice_login *login)
{
	*login = (struct ice_login){ .user = "" };
	if (!has_turn(config))
		return KK_ENOENT;
	if (!config->has_login)
		return ice_login_mint(login,
		    kk_view_of(config->secret, config->secret_bytes), name,
		    now_s + lasts_s);
	*login = config->login;
	return KK_OK;
}
