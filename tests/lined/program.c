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
#include "world.h"

enum { TEXT = 8192 };

struct sip { /* a user agent's end, as little of it as a call takes */
	int fd;
	uint16_t own, to;
	unsigned cseq;
	char tag[64]; /* of the other end, with ";tag=" in front */
	char text[TEXT]; /* what came last */
	unsigned status; /* of it; 0: a request, or nothing */
};

static uint16_t port_bind(int fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(a);

	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&a, &bytes), 0);
	return ntohs(a.sin_port);
}

static uint16_t port_free(void)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const uint16_t port = port_bind(fd);

	(void)close(fd);
	return port;
}

static void sip_open(struct sip *s, uint16_t to)
{
	memset(s, 0, sizeof(*s));
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	s->own = port_bind(s->fd);
	s->to = to;
}

static void sip_send(struct sip *s, const char *method, const char *body)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(s->to),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char text[TEXT];
	int n;

	s->cseq += strcmp(method, "ACK") != 0; /* it has the INVITE's */
	n = snprintf(text, sizeof(text),
	    "%s sip:9000@127.0.0.1:%u SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%u%s;rport\r\n"
	    "Max-Forwards: 70\r\n"
	    "From: \"Anna\" <sip:anna@127.0.0.1:%u>;tag=a1\r\n"
	    "To: <sip:9000@127.0.0.1>%s\r\n"
	    "Call-ID: c@127.0.0.1\r\nCSeq: %u %s\r\n"
	    "Contact: <sip:anna@127.0.0.1:%u>\r\n%s"
	    "Content-Length: %zu\r\n\r\n%s",
	    method, s->to, s->own, s->cseq, method, s->own, s->tag, s->cseq,
	    method, s->own, *body ? "Content-Type: application/sdp\r\n" : "",
	    strlen(body), body);

	CHECK(n > 0 && (size_t)n < sizeof(text));
	CHECK_EQ(sendto(s->fd, text, (size_t)n, 0, (const struct sockaddr *)&a,
		     sizeof(a)),
	    n);
	s->status = 0;
}

static void sip_step(struct sip *s)
{
	const ssize_t n = recv(s->fd, s->text, sizeof(s->text) - 1, 0);
	const char *tag;

	if (n <= 0)
		return;
	s->text[n] = '\0';
	if (strncmp(s->text, "SIP/2.0 ", 8) != 0) {
		s->status = 0;
		return;
	}
	s->status = (unsigned)strtoul(s->text + 8, NULL, 10);
	tag = strstr(s->text, "\nTo:");
	CHECK(tag != NULL);
	tag = strstr(tag, ";tag=");
	if (tag && s->status >= 200)
		(void)snprintf(s->tag, sizeof(s->tag), "%.*s",
		    (int)strcspn(tag, "\r\n"), tag);
}

#define SIP_UNTIL(w, s, condition)     \
	do {                           \
		while (!(condition)) { \
			world_step(w); \
			sip_step(s);   \
		}                      \
	} while (0)

static void invite(struct world *w, struct sip *s, struct phone *p)
{
	struct kk_bytes offer;
	const char *body;

	CHECK_OK(offer_make(&p->local, &offer));
	sip_send(s, "INVITE", (const char *)offer.data);
	kk_bytes_clear(&offer);
	SIP_UNTIL(w, s, s->status >= 200);
	CHECK_EQ(s->status, 200);
	body = strstr(s->text, "\r\n\r\n");
	CHECK(body != NULL);
	phone_take(p, kk_view_text(body + 4));
	sip_send(s, "ACK", "");
}

TEST(program_takes_a_call_by_sip_through_prompts_and_digits_to_the_conference)
{
	static struct world w;
	static struct sip s;
	struct phone *p = &w.phones[0];
	const uint16_t port = port_free();
	char *log, path[64];

	program_open(&w, port, "--calls-from=anybody");
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	sip_open(&s, port);
	invite(&w, &s, p);
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
	(void)close(s.fd);
	program_close(&w);
}

TEST(program_that_is_killed_leaves_roomd_and_mixd_as_they_were_before)
{
	static struct world w;
	static struct sip s;
	struct phone *p = &w.phones[0];
	const uint16_t port = port_free();

	program_open(&w, port, "--calls-from=anybody");
	phone_open(p, CODEC_OPUS, OFFER_SRTP_NEVER, "127.0.0.1");
	sip_open(&s, port);
	invite(&w, &s, p);
	UNTIL(&w, phone_hears(p, prompt_hz(IVR_WELCOME)));
	(void)close(s.fd);
	program_kill(&w);
	UNTIL(&w, !w.watcher && !w.attacher);
	fakes_end(&w);
}

TEST(program_turns_strangers_away_unless_it_is_told_otherwise)
{
	static struct world w;
	static struct sip s;
	struct kk_bytes offer;
	const uint16_t port = port_free();

	program_open(&w, port, "--calls-from=trunks");
	phone_open(&w.phones[0], CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	sip_open(&s, port);
	CHECK_OK(offer_make(&w.phones[0].local, &offer));
	sip_send(&s, "INVITE", (const char *)offer.data);
	kk_bytes_clear(&offer);
	SIP_UNTIL(&w, &s, s.status >= 200);
	CHECK(s.status >= 400);
	sip_send(&s, "ACK", "");
	(void)close(s.fd);
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
