/* config.c - logins, secrets, and whether all fits together. */
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "harness/tap.h"
#include "ice/ice.h"

TEST(login_is_one_line_and_its_password_may_have_colons)
{
	struct ice_login l;

	CHECK_OK(ice_login_parse(&l, kk_view_text("room:pass:word\n")));
	CHECK_STR(l.user, "room");
	CHECK_STR(l.password, "pass:word");
	CHECK_OK(ice_login_parse(&l, kk_view_text("r:p")));
	CHECK_STR(l.password, "p");
	CHECK_OK(ice_login_parse(&l, kk_view_text("r:p\r\n")));
	CHECK_STR(l.password, "p");
}

static void refused(struct kk_view file, enum kk_err why)
{
	static const struct ice_login none;
	struct ice_login l;

	memset(&l, 0x55, sizeof(l));
	CHECK_ERR(ice_login_parse(&l, file), why);
	CHECK_MEM(&l, &none, sizeof(l));
}

TEST(what_is_no_login_leaves_nothing)
{
	static const char *const bad[] = { "", "\n", "room", ":",
		"room:", ":password", "room:a\nroom:b\n", "ro\tom:p",
		"room:p\n\n" };
	char line[ICE_USER_BYTES + ICE_PASSWORD_BYTES + 2];

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		refused(kk_view_text(bad[i]), KK_EFORMAT);
	refused(kk_view_of("r:p\0x", 5), KK_EFORMAT);
	(void)snprintf(line, sizeof(line), "%0*d:p", ICE_USER_BYTES, 0);
	refused(kk_view_text(line), KK_ELIMIT);
	(void)snprintf(line, sizeof(line), "r:%0*d", ICE_PASSWORD_BYTES, 0);
	refused(kk_view_text(line), KK_ELIMIT);
}

TEST(password_that_lasts_a_while_is_the_one_that_turn_servers_compute)
{
	struct ice_login l;

	CHECK_OK(crypto_init());
	/* By an HMAC-SHA1 and a base64 that are not ours. */
	CHECK_OK(ice_login_mint(&l, kk_view_text("north"), "room", 1433065916));
	CHECK_STR(l.user, "1433065916:room");
	CHECK_STR(l.password, "NiFOOcOao9qNI/dr18XOXpmGgD8=");
}

TEST(mint_takes_a_name_of_its_limit_and_the_end_of_time)
{
	char name[ICE_NAME_MAX_BYTES + 2] = "";
	struct ice_login l;

	CHECK_OK(crypto_init());
	memset(name, 'n', ICE_NAME_MAX_BYTES);
	CHECK_OK(ice_login_mint(&l, kk_view_text("s"), name, UINT64_MAX));
	CHECK_EQ(strlen(l.user), 20 + 1 + ICE_NAME_MAX_BYTES);
	name[ICE_NAME_MAX_BYTES] = 'n';
	CHECK_ERR(ice_login_mint(&l, kk_view_text("s"), name, 1), KK_EINVAL);
	CHECK_ERR(ice_login_mint(&l, kk_view_text(""), "room", 1), KK_EINVAL);
	CHECK_STR(l.user, "");
}

TEST(servers_are_kept_once_and_bounded)
{
	struct ice_config c = { .server_count = 0 };
	char uri[32];

	CHECK_OK(ice_config_server_add(&c, "turn:host"));
	CHECK_ERR(ice_config_server_add(&c, "turn:host:3478?transport=udp"),
	    KK_EEXIST);
	CHECK_ERR(ice_config_server_add(&c, "host"), KK_EFORMAT);
	CHECK_ERR(ice_config_server_add(&c, "stuns:host"), KK_EUNSUP);
	for (unsigned i = 1; i < ICE_SERVERS_MAX; i++) {
		(void)snprintf(uri, sizeof(uri), "stun:host:%u", i);
		CHECK_OK(ice_config_server_add(&c, uri));
	}
	CHECK_ERR(ice_config_server_add(&c, "stun:other"), KK_ELIMIT);
	CHECK_EQ(c.server_count, ICE_SERVERS_MAX);
}

TEST(turn_needs_one_way_to_log_in_and_only_relays_need_turn)
{
	struct ice_config c = { .server_count = 0 };

	CHECK_OK(ice_config_check(&c));
	CHECK_OK(ice_config_server_add(&c, "stun:host"));
	CHECK_OK(ice_config_check(&c));
	c.is_relay_only = true;
	CHECK_ERR(ice_config_check(&c), KK_ENOENT);
	CHECK_OK(ice_config_server_add(&c, "turn:host"));
	CHECK_ERR(ice_config_check(&c), KK_ENOKEY);
	CHECK_OK(ice_config_secret_set(&c, kk_view_text("north\n")));
	CHECK_EQ(c.secret_bytes, 5);
	CHECK_OK(ice_config_check(&c));
	CHECK_OK(ice_config_login_set(&c, kk_view_text("room:p")));
	CHECK_ERR(ice_config_check(&c), KK_EEXIST);
}

TEST(secret_is_one_line_and_bounded)
{
	struct ice_config c = { .server_count = 0 };
	char line[ICE_SECRET_MAX_BYTES + 2] = "";

	CHECK_ERR(ice_config_secret_set(&c, kk_view_text("\n")), KK_EFORMAT);
	CHECK_ERR(ice_config_secret_set(&c, kk_view_text("a\nb\n")),
	    KK_EFORMAT);
	memset(line, 's', ICE_SECRET_MAX_BYTES);
	CHECK_OK(ice_config_secret_set(&c, kk_view_text(line)));
	line[ICE_SECRET_MAX_BYTES] = 's';
	CHECK_ERR(ice_config_secret_set(&c, kk_view_text(line)), KK_ELIMIT);
}

TEST(login_is_the_file_s_or_a_new_one_and_none_without_turn)
{
	struct ice_config c = { .server_count = 0 };
	struct ice_login l;

	CHECK_OK(crypto_init());
	CHECK_OK(ice_config_secret_set(&c, kk_view_text("north")));
	CHECK_OK(ice_config_server_add(&c, "stun:host"));
	CHECK_ERR(ice_config_login_get(&c, "room", 1, 1, &l), KK_ENOENT);
	CHECK_OK(ice_config_server_add(&c, "turns:host"));
	CHECK_OK(ice_config_login_get(&c, "room", 1433065000, 916, &l));
	CHECK_STR(l.password, "NiFOOcOao9qNI/dr18XOXpmGgD8=");
	c.secret_bytes = 0;
	CHECK_OK(ice_config_login_set(&c, kk_view_text("me:p")));
	CHECK_OK(ice_config_login_get(&c, "room", 1, 1, &l));
	CHECK_STR(l.user, "me");
	CHECK_STR(l.password, "p");
}
