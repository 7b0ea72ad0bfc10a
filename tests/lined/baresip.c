/* baresip.c - lined called by a telephone that is not ours: over UDP, over TLS
 * with SRTP, over IPv6. */
#define _GNU_SOURCE /* mkdtemp() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/process.h"
#include "telephone.h"

enum { TEXT = 256 };

static void ticks(struct world *w, uint32_t count)
{
	for (const uint32_t tick = w->mix_tick; w->mix_tick < tick + count;)
		world_step(w);
}

/* What it hears from the greeting to the conference. */
static void call(struct telephone *t, const char *transport,
    const char *const *options, const char *listen, uint16_t port,
    const char *more)
{
	static struct world w;
	char to[TEXT];

	program_open_at(&w, listen, options);
	telephone_start(&w, t);
	(void)snprintf(to, sizeof(to), "sip:9000@%s:%u%s", t->host, port, more);
	telephone_order(t, "dial", to);
	UNTIL(&w, telephone_has_said(t, "Call established"));
	ticks(&w, 2 * PROMPT_TICKS + 30); /* a key would hush what is said */
	while (w.asks == 0)
		telephone_press(&w, t, "1#2#");
	CHECK(strspn(w.number, "12") > 0);
	CHECK_STR(w.transport, transport);
	w.states[w.lane] = "in";
	world_tell(&w);
	UNTIL(&w, is_tone(w.heard[0], VOICE_HZ));
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
