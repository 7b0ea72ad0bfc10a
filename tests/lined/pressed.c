/* pressed.c - keys that the room presses for telephones that are not ours,
 * which have registered, and say what they got. */
#define _GNU_SOURCE /* mkdtemp() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/process.h"
#include "telephone.h"

#define LOGIN ";auth_user=1234;auth_pass=a-word-for-tests;answermode=auto"

enum { TEXT = 256 };

/* 1234:site.test:a-word-for-tests by MD5, which is what baresip has. */
static const char accounts[] = "1234 5c91cf6b5bdeeecd4d87054afcd78b19\n";
static const char keys[] = "12#*0987";

struct site {
	struct world world;
	char folder[TEXT / 4], accounts[TEXT], own[TEXT], ca[TEXT],
	    at[TEXT / 4];
};

static void site_open(struct site *s, const char *transport, const char *srtp)
{
	const char *const options[] = { s->accounts, "--domain=site.test", srtp,
		s->own, NULL };
	const uint16_t port = port_take(NULL);
	char listen[TEXT], path[TEXT / 2];

	memcpy(s->folder, "/tmp/kk-pressed-XXXXXX", 23);
	CHECK(mkdtemp(s->folder) != NULL);
	certificate_make(s->folder);
	(void)snprintf(path, sizeof(path), "%s/accounts", s->folder);
	file_write(path, accounts, sizeof(accounts) - 1);
	CHECK_EQ(chmod(path, 0600), 0);
	(void)snprintf(s->accounts, TEXT, "--accounts=%s", path);
	(void)snprintf(s->own, TEXT, "--certificate=%s", s->folder);
	(void)snprintf(s->ca, TEXT, "%s/cafile.pem", s->folder);
	(void)snprintf(s->at, sizeof(s->at), "127.0.0.1:%u", port);
	(void)snprintf(listen, sizeof(listen), "%s:%s", transport, s->at);
	program_open_at(&s->world, listen, options);
}

/* It answers by itself. */
static void room_calls(struct world *w)
{
	w->serial = 1;
	w->dial = "1234";
	world_tell(w);
	UNTIL(w, w->asks == 1);
	w->states[w->lane] = "in";
	world_tell(w);
	UNTIL(w, !strcmp(w->placed_state, "talking"));
	UNTIL(w, is_tone(w->heard[w->lane], VOICE_HZ));
}

static void room_presses(struct world *w, struct telephone *t)
{
	char got[TELEPHONE_KEYS];

	CHECK(w->has_tones);
	w->tones = keys;
	world_tell(w);
	UNTIL(w, telephone_got(t, got) >= strlen(keys));
	telephone_hang_up(t);
	UNTIL(w, w->ends == 1);
	(void)telephone_got(t, got);
	CHECK_STR(got, keys);
}

static void call(struct telephone *t, const char *transport, const char *srtp,
    const char *shown)
{
	static struct site s;

	site_open(&s, transport, srtp);
	t->host = "127.0.0.1";
	t->at = s.at;
	t->ca = s.ca;
	telephone_start(&s.world, t);
	UNTIL(&s.world, telephone_has_said(t, "1 binding"));
	room_calls(&s.world);
	CHECK_STR(s.world.transport, shown);
	room_presses(&s.world, t);
	telephone_stop(t);
	program_close(&s.world);
	folder_remove(s.folder);
}

TEST(baresip_gets_each_key_once_and_in_order_beside_g711)
{
	struct telephone t = { .codec = "PCMA/8000/1",
		.module = "g711",
		.hz = 8000,
		.channels = 1,
		.account = ">;regint=60" LOGIN };

	call(&t, "udp", "--srtp=never", "plain");
}

TEST(baresip_gets_each_key_once_and_in_order_beside_opus)
{
	struct telephone t = { .codec = "opus/48000/2",
		.module = "opus",
		.hz = 48000,
		.channels = 2,
		.account = ";transport=tcp>;regint=60" LOGIN };

	call(&t, "tcp", "--srtp=never", "plain");
}

TEST(baresip_gets_each_key_once_and_in_order_over_tls_with_srtp)
{
	struct telephone t = {
		.codec = "G722/16000/1",
		.module = "g722",
		.hz = 16000,
		.channels = 1,
		.account = ";transport=tls>;regint=60;mediaenc=srtp-mand" LOGIN
	};

	call(&t, "tls", "--srtp=require", "srtp");
}
