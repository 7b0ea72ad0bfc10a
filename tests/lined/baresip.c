/* baresip.c - lined called by a telephone that is not ours: over UDP, over TLS
 * with SRTP, over IPv6; and held by it. */
#define _GNU_SOURCE /* mkdtemp() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/process.h"
#include "telephone.h"

enum { TEXT = 256, TICK_US = 20000 };

static void ticks(struct world *w, uint32_t count)
{
	for (const uint32_t tick = w->mix_tick; w->mix_tick < tick + count;)
		world_step(w);
}

static void come_in(struct world *w, struct telephone *t, uint16_t port,
    const char *more)
{
	char to[TEXT];

	(void)snprintf(to, sizeof(to), "sip:9000@%s:%u%s", t->host, port, more);
	telephone_order(t, "dial", to);
	UNTIL(w, telephone_has_said(t, "Call established"));
	ticks(w, 2 * PROMPT_TICKS + 30); /* a key would hush what is said */
	while (w->asks == 0)
		telephone_press(w, t, "1#2#");
	w->states[w->lane] = "in";
	world_tell(w);
	UNTIL(w, is_tone(w->heard[w->lane], VOICE_HZ));
}

/* What it hears from the greeting to the conference. */
static void call(struct telephone *t, const char *transport,
    const char *const *options, const char *listen, uint16_t port,
    const char *more)
{
	static struct world w;

	program_open_at(&w, listen, options);
	telephone_start(&w, t);
	come_in(&w, t, port, more);
	CHECK(strspn(w.number, "12") > 0);
	CHECK_STR(w.transport, transport);
	ticks(&w, 50);
	telephone_hang_up(t);
	UNTIL(&w, w.ends == 1);
	telephone_stop(t);
	tap_diag("%s: ticks of greeting %u, question %u, conference %u",
	    t->codec, telephone_heard(t, prompt_hz(IVR_WELCOME)),
	    telephone_heard(t, prompt_hz(IVR_ASK_NUMBER)),
	    telephone_heard(t, CONFERENCE_HZ));
	CHECK(telephone_heard(t, prompt_hz(IVR_WELCOME)) >= PROMPT_TICKS / 2);
	CHECK(telephone_heard(t, CONFERENCE_HZ) >= 20);
	program_close(&w);
}

static const char anybody[] = "--calls-from=anybody";

TEST(baresip_hears_and_is_heard_over_udp)
{
	static const char *const options[] = { anybody, NULL };
	struct telephone t = { .codec = "opus/48000/2",
		.module = "opus",
		.hz = 48000,
		.channels = 2,
		.account = ">;regint=0",
		.host = "127.0.0.1",
		.at = "127.0.0.1" };
	const uint16_t port = port_take(NULL);
	char listen[TEXT];

	(void)snprintf(listen, sizeof(listen), "udp:127.0.0.1:%u", port);
	call(&t, "plain", options, listen, port, "");
}

/* RTP/SAVPF is what it offers so. */
TEST(baresip_hears_and_is_heard_over_tls_with_srtp)
{
	char folder[] = "/tmp/kk-lined-tls-XXXXXX", ca[TEXT], own[TEXT];
	const char *const options[] = { anybody, own, "--srtp=require", NULL };
	struct telephone t = { .codec = "G722/16000/1",
		.module = "g722",
		.hz = 16000,
		.channels = 1,
		.account = ";transport=tls>;regint=0;mediaenc=srtp-mandf",
		.host = "127.0.0.1",
		.at = "127.0.0.1",
		.ca = ca };
	const uint16_t port = port_take(NULL);
	char listen[TEXT];

	CHECK(mkdtemp(folder) != NULL);
	certificate_make(folder);
	(void)snprintf(ca, sizeof(ca), "%s/cafile.pem", folder);
	(void)snprintf(own, sizeof(own), "--certificate=%s", folder);
	(void)snprintf(listen, sizeof(listen), "tls:127.0.0.1:%u", port);
	call(&t, "srtp", options, listen, port, ";transport=tls");
	folder_remove(folder);
}

TEST(baresip_hears_and_is_heard_over_ipv6)
{
	static const char *const options[] = { anybody, NULL };
	struct telephone t = { .codec = "PCMA/8000/1",
		.module = "g711",
		.hz = 8000,
		.channels = 1,
		.account = ">;regint=0",
		.host = "[::1]",
		.at = "[::1]" };
	const uint16_t port = port_take(NULL);
	char listen[TEXT];

	(void)snprintf(listen, sizeof(listen), "udp:[::1]:%u", port);
	call(&t, "plain", options, listen, port, "");
}

static void refused(const char *rule, const char *account)
{
	const char *const options[] = { anybody, rule, NULL };
	static struct world w;
	struct telephone t = { .codec = "PCMA/8000/1",
		.module = "g711",
		.hz = 8000,
		.channels = 1,
		.account = account,
		.host = "127.0.0.1",
		.at = "127.0.0.1" };
	const uint16_t port = port_take(NULL);
	char text[TEXT];

	(void)snprintf(text, sizeof(text), "udp:127.0.0.1:%u", port);
	program_open_at(&w, text, options);
	telephone_start(&w, &t);
	(void)snprintf(text, sizeof(text), "sip:9000@127.0.0.1:%u", port);
	telephone_order(&t, "dial", text);
	UNTIL(&w,
	    telephone_has_said(&t, "session closed") ||
		telephone_has_said(&t, "Call established"));
	CHECK(telephone_has_said(&t, "488 Not Acceptable"));
	telephone_stop(&t);
	program_close(&w);
}

TEST(baresip_is_refused_where_the_site_s_rule_of_srtp_is_not_its_own)
{
	refused("--srtp=require", ">;regint=0");
	refused("--srtp=never", ">;regint=0;mediaenc=srtp-mand");
}

/* Until lined has answered another change of the call. */
static void key_answered(struct world *w, const struct telephone *t,
    const char *key)
{
	static const char words[] = "Call answered";
	const unsigned before = telephone_count(t, words);

	telephone_press(w, t, key);
	UNTIL(w, telephone_count(t, words) > before);
}

/* Packets that lined has sent in its call, once it has said so; 0 before. */
static uint64_t sent(const struct world *w)
{
	char path[TEXT], *log, *at;
	uint64_t count;

	(void)snprintf(path, sizeof(path), "%s/log", w->folder);
	log = file_text(path);
	at = strstr(log, " sent=");
	count = at ? strtoul(at + 6, NULL, 10) : 0;
	free(log);
	return count;
}

TEST(baresip_holds_a_call_and_takes_it_up_again)
{
	static const char *const options[] = { anybody, NULL };
	static struct world w;
	struct telephone t = { .codec = "PCMA/8000/1",
		.module = "g711",
		.hz = 8000,
		.channels = 1,
		.account = ">;regint=0",
		.host = "127.0.0.1",
		.at = "127.0.0.1",
		.is_deaf = true }; /* of a recording begun anew it dies */
	const uint16_t port = port_take(NULL);
	char listen[TEXT];
	uint64_t from_us, held_us, all_us;

	(void)snprintf(listen, sizeof(listen), "udp:127.0.0.1:%u", port);
	program_open_at(&w, listen, options);
	telephone_start(&w, &t);
	from_us = rtp_now_us();
	come_in(&w, &t, port, "");
	key_answered(&w, &t, "x");
	held_us = rtp_now_us();
	ticks(&w, 100);
	held_us = rtp_now_us() - held_us;
	memset(w.heard[w.lane], 0, sizeof(w.heard[w.lane]));
	key_answered(&w, &t, "X");
	UNTIL(&w, is_tone(w.heard[w.lane], VOICE_HZ));
	telephone_hang_up(&t);
	UNTIL(&w, w.ends == 1);
	all_us = rtp_now_us() - from_us;
	telephone_stop(&t);
	UNTIL(&w, sent(&w) > 0);
	tap_diag("packets %ju in %ju ms, held for %ju ms", (uintmax_t)sent(&w),
	    (uintmax_t)all_us / 1000, (uintmax_t)held_us / 1000);
	CHECK(sent(&w) < (all_us - held_us) / TICK_US);
	program_close(&w);
}
