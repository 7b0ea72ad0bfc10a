/* program.c - lined as a program, called over SIP by a telephone of the test's.
 */
#define _GNU_SOURCE /* mkdtemp() */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/process.h"
#include "sip.h"

TEST(program_takes_a_call_by_sip_through_prompts_and_digits_to_the_conference)
{
	static struct world w;
	static struct sip s;
	struct phone *p = &w.phones[0];
	const uint16_t port = port_take(NULL);
	char *log, path[64];

	program_open(&w, port, "--calls-from=anybody");
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	sip_open(&s, port);
	sip_invite(&w, &s, p);
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_WELCOME)));
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_ASK_NUMBER)));
	phone_press(&w, p, "4711#0815#");
	UNTIL(&w, w.asks == 1);
	CHECK_STR(w.number, "4711");
	CHECK_STR(w.pin, "0815");
	CHECK_STR(w.label, "Anna");
	CHECK_STR(w.transport, "plain");
	w.states[w.lane] = "in";
	world_tell(&w);
	UNTIL(&w, phone_hears(p, CONFERENCE_HZ));
	while (!is_tone(w.heard[0], 900)) {
		const unsigned packets = p->packets;

		phone_say(p, 900);
		UNTIL(&w, p->packets > packets);
	}
	sip_send(&s, "BYE", "");
	SIP_UNTIL(&w, &s, s.status == 200 && w.ends == 1);
	(void)snprintf(path, sizeof(path), "%s/log", w.folder);
	log = file_text(path);
	CHECK(strstr(log, "call line=0") != NULL);
	CHECK(!strstr(log, "anna") && !strstr(log, "Anna"));
	CHECK(!strstr(log, "4711") && !strstr(log, "0815"));
	free(log);
	sip_close(&s);
	program_close(&w);
}

TEST(program_that_is_killed_leaves_roomd_and_mixd_as_they_were_before)
{
	static struct world w;
	static struct sip s;
	struct phone *p = &w.phones[0];
	const uint16_t port = port_take(NULL);

	program_open(&w, port, "--calls-from=anybody");
	phone_open(p, CODEC_OPUS, OFFER_SRTP_NEVER, "127.0.0.1");
	sip_open(&s, port);
	sip_invite(&w, &s, p);
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_WELCOME)));
	sip_close(&s);
	program_kill(&w);
	UNTIL(&w, !w.watcher && !w.attacher);
	fakes_end(&w);
}

TEST(program_turns_strangers_away_unless_it_is_told_otherwise)
{
	static struct world w;
	static struct sip s;
	struct kk_bytes offer;
	const uint16_t port = port_take(NULL);

	program_open(&w, port, "--calls-from=trunks");
	phone_open(&w.phones[0], CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	sip_open(&s, port);
	CHECK_OK(offer_make(&w.phones[0].local, &offer));
	sip_send(&s, "INVITE", (const char *)offer.data);
	kk_bytes_clear(&offer);
	SIP_UNTIL(&w, &s, s.status >= 200);
	CHECK(s.status >= 400);
	sip_send(&s, "ACK", "");
	sip_close(&s);
	program_close(&w);
}

TEST(program_does_not_start_with_what_others_could_read)
{
	static struct world w;
	char path[64], out[1024], option[96];
	const char *const args[] = { "--roomd=r", "--mixd=m", "--prompts=/none",
		"--listen=udp:127.0.0.1:0", option, "--memory-mb=0", NULL };

	memset(&w, 0, sizeof(w));
	memcpy(w.folder, "/tmp/kk-lined-XXXXXX", 21);
	CHECK(mkdtemp(w.folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/trunk", w.folder);
	(void)snprintf(option, sizeof(option), "--trunk=%s", path);
	file_write(path, "domain=d\nserver=sip:s\nuser=u\n", 30);
	CHECK_EQ(chmod(path, 0644), 0);
	CHECK_EQ(process_run("lined", args, out, sizeof(out)), 1);
	CHECK(strstr(out, "trunk") != NULL);
	folder_remove(w.folder);
}
