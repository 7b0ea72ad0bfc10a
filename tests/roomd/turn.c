/* turn.c - STUN and TURN servers: what mediad is told, and what nobody is. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "crypto/crypto.h"
#include "ice/ice.h"
#include "world.h"

#define SECRET "a secret that sites share with it"

static sd_json_variant *transport_of(const struct box *b, unsigned role)
{
	sd_json_variant *v = b->plan[role] ?
	    sd_json_variant_by_key(b->plan[role], "transport") :
	    NULL;

	return v && !sd_json_variant_is_null(v) ? v : NULL;
}

static bool media_have_transport(struct world *w, const void *arg)
{
	const struct box *b = arg;

	(void)w;
	return transport_of(b, MEDIA) && transport_of(b, FACE);
}

static sd_json_variant *server_at(const struct box *b, unsigned i)
{
	sd_json_variant *list = sd_json_variant_by_key(transport_of(b, MEDIA),
	    "servers");

	return sd_json_variant_by_index(list, i);
}

static const char *text_of(sd_json_variant *v, const char *name)
{
	sd_json_variant *field = sd_json_variant_by_key(v, name);

	return field ? sd_json_variant_string(field) : NULL;
}

/* A box with these options, and a plan for its media. */
static void box_ask(struct world *w, const char *const *options)
{
	struct box *b = &w->box[0];

	for (size_t i = 0; options[i]; i++)
		b->roomd_options[i] = options[i];
	box_start(b);
	plan_watch(b, MEDIA);
	await(w, media_have_transport, b);
}

static void turn_file(const struct box *b, const char *text, char *option,
    size_t bytes, const char *name)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/%s", b->folder, name);
	file_write(path, text, strlen(text));
	(void)snprintf(option, bytes, "--%s=%s", name, path);
}

TEST(without_options_there_are_no_servers)
{
	static const char *const none[] = { NULL };
	sd_json_variant *t;
	struct world w;

	world_start(&w);
	box_ask(&w, none);
	t = transport_of(&w.box[0], MEDIA);
	CHECK_EQ(sd_json_variant_elements(sd_json_variant_by_key(t, "servers")),
	    0);
	CHECK(!sd_json_variant_boolean(sd_json_variant_by_key(t, "relayOnly")));
	world_end(&w);
}

TEST(servers_and_login_of_the_file_come_to_mediad_alone)
{
	char login[128];
	const char *options[] = { "--ice-server=stun:stun.test",
		"--ice-server=TURN:[2001:db8::1]:3479?transport=tcp", login,
		"--relay-only", NULL };
	sd_json_variant *t, *turn;
	struct world w;
	char *log;

	world_start(&w);
	turn_file(&w.box[0], "box7:pass:word\n", login, sizeof(login),
	    "turn-login");
	box_ask(&w, options);
	t = transport_of(&w.box[0], MEDIA);
	CHECK(sd_json_variant_boolean(sd_json_variant_by_key(t, "relayOnly")));
	CHECK_STR(text_of(server_at(&w.box[0], 0), "kind"), "stun");
	CHECK_STR(text_of(server_at(&w.box[0], 0), "host"), "stun.test");
	CHECK(text_of(server_at(&w.box[0], 0), "password") == NULL);
	turn = server_at(&w.box[0], 1);
	CHECK_STR(text_of(turn, "kind"), "turn-tcp");
	CHECK_STR(text_of(turn, "host"), "2001:db8::1");
	CHECK_EQ(sd_json_variant_unsigned(sd_json_variant_by_key(turn, "port")),
	    3479);
	CHECK_STR(text_of(turn, "user"), "box7");
	CHECK_STR(text_of(turn, "password"), "pass:word");
	t = transport_of(&w.box[0], FACE);
	CHECK_EQ(sd_json_variant_elements(sd_json_variant_by_key(t, "servers")),
	    0);
	log = box_log(&w.box[0]);
	CHECK(strstr(log, "pass:word") == NULL);
	free(log);
	world_end(&w);
}

TEST(password_is_made_from_the_secret_for_a_while_and_the_secret_stays)
{
	char secret[128];
	const char *options[] = { "--ice-server=turn:turn.test", secret, NULL };
	struct ice_login want;
	struct world w;
	const char *user, *password;
	char *log, *end = NULL;
	unsigned long long expires;

	world_start(&w);
	turn_file(&w.box[0], SECRET "\n", secret, sizeof(secret),
	    "turn-secret");
	box_ask(&w, options);
	user = text_of(server_at(&w.box[0], 0), "user");
	password = text_of(server_at(&w.box[0], 0), "password");
	expires = strtoull(user, &end, 10);
	CHECK_STR(end, ":room");
	CHECK(expires > (unsigned long long)time(NULL) + 3600);
	CHECK(expires <= (unsigned long long)time(NULL) + 86400);
	CHECK_OK(crypto_init());
	CHECK_OK(ice_login_mint(&want, kk_view_text(SECRET), "room", expires));
	CHECK_STR(password, want.password);
	log = box_log(&w.box[0]);
	CHECK(strstr(log, SECRET) == NULL);
	CHECK(strstr(log, password) == NULL);
	free(log);
	world_end(&w);
}

static void says(const char *const *options, int status, const char *words)
{
	const char *args[10] = { "--keyd=/nowhere", "--server=localhost:1",
		"--state=/tmp" };
	char out[1024];

	for (size_t i = 0; options[i]; i++)
		args[3 + i] = options[i];
	CHECK_EQ(process_run("roomd", args, out, sizeof(out)), status);
	if (!strstr(out, words))
		tap_diag("%s", out);
	CHECK(strstr(out, words) != NULL);
	CHECK(strstr(out, SECRET) == NULL);
}

TEST(options_that_do_not_fit_are_refused_in_plain_words)
{
	static const char *const bad[][2] = {
		{ "--ice-server=turn.test", "not stun:HOST[:PORT] or turn:" },
		{ "--ice-server=turns:turn.test", "TURN without TLS" },
		{ "--ice-server=stuns:turn.test", "nothing here speaks this" },
	};
	static const char *const twice[] = { "--ice-server=stun:a",
		"--ice-server=stun:a", NULL };
	static const char *const no_login[] = { "--ice-server=turn:a", NULL };
	static const char *const no_turn[] = { "--ice-server=stun:a",
		"--relay-only", NULL };
	char login[128], secret[128];
	const char *const both[] = { "--ice-server=turn:a", login, secret,
		NULL };
	const char *const open_file[] = { "--ice-server=turn:a", secret, NULL };
	struct world w;

	world_start(&w);
	turn_file(&w.box[0], "a:b", login, sizeof(login), "turn-login");
	turn_file(&w.box[0], SECRET, secret, sizeof(secret), "turn-secret");
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		const char *const options[] = { bad[i][0], NULL };

		says(options, 2, bad[i][1]);
	}
	says(twice, 2, "given twice");
	says(no_login, 1, "needs --turn-login or --turn-secret");
	says(no_turn, 1, "--relay-only needs a TURN server");
	says(both, 1, "exclude each other");
	CHECK_EQ(chmod(strchr(secret, '=') + 1, 0640), 0);
	says(open_file, 1, "make it mode 0600");
	world_end(&w);
}
