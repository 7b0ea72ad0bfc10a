/* killed.c - lined is killed in a call, and ends it when it is back. */
#define _GNU_SOURCE /* mkdtemp() */
#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/process.h"
#include "telephone.h"

enum { TEXT = 128, LINE = 512 };

struct site {
	struct world world;
	char folder[32]; /* --state */
	char listen[TEXT], state[TEXT], log[TEXT];
	uint16_t port;
};

static void turn(void *arg)
{
	world_step(arg);
}

static void site_open(struct site *s, const char *transport)
{
	const char *const options[] = { "--calls-from=anybody", s->state,
		NULL };

	memcpy(s->folder, "/tmp/kk-killed-XXXXXX", 22);
	CHECK(mkdtemp(s->folder) != NULL);
	s->port = port_take(NULL);
	(void)snprintf(s->listen, TEXT, "%s:127.0.0.1:%u", transport, s->port);
	(void)snprintf(s->state, TEXT, "--state=%s", s->folder);
	program_open_at(&s->world, s->listen, options);
	(void)snprintf(s->log, TEXT, "%s/log", s->world.folder);
}

/* The others have found that it is gone, and forgotten its calls. */
static void site_kill(struct site *s)
{
	struct world *w = &s->world;

	program_kill(w);
	UNTIL(w, !w->watcher && !w->attacher);
	roomd_stop(w);
	mixd_stop(w);
	roomd_start(w);
	mixd_start(w);
}

/* As the service manager does. */
static void site_start_again(struct site *s)
{
	struct world *w = &s->world;
	struct process_args args = { .count = 0 };
	char ready[PROCESS_READY_BYTES];
	const struct process p = { .name = "lined",
		.folder = w->folder,
		.log = s->log,
		.args = &args,
		.turn = turn,
		.arg = w };

	process_arg_add(&args, "--roomd=%s/roomd", w->folder);
	process_arg_add(&args, "--mixd=%s/mixd", w->folder);
	process_arg_add(&args, "--prompts=%s", w->folder);
	process_arg_add(&args, "--listen=%s", s->listen);
	process_arg_add(&args, "--lines=3");
	process_arg_add(&args, "--memory-mb=%u", PROGRAM_MB);
	process_arg_add(&args, "--calls-from=anybody");
	process_arg_add(&args, "%s", s->state);
	w->pid = process_start(&p, ready);
	UNTIL(w, w->watcher && w->attacher);
}

static unsigned files(const struct site *s)
{
	DIR *folder = opendir(s->folder);
	const struct dirent *entry;
	unsigned count = 0;

	CHECK(folder != NULL);
	while ((entry = readdir(folder)))
		count += entry->d_name[0] != '.';
	CHECK_EQ(closedir(folder), 0);
	return count;
}

static void site_close(struct site *s)
{
	program_close(&s->world);
	folder_remove(s->folder);
}

static void call(struct site *s, struct sip *sip, struct phone *p)
{
	phone_open(p, CODEC_PCMA, OFFER_SRTP_NEVER, "127.0.0.1");
	sip_open(sip, s->port);
	sip_invite(&s->world, sip, p);
	UNTIL(&s->world, p->packets > 0);
}

/*
 * The telephone's end.
 */
static bool is_bye(const struct sip *sip)
{
	return !strncmp(sip->text, "BYE ", 4);
}

/* A header of what came last, with its line's end. */
static const char *header(const struct sip *sip, const char *name,
    char out[LINE])
{
	const char *at = strstr(sip->text, name);

	CHECK(at != NULL);
	(void)snprintf(out, LINE, "%.*s\r\n", (int)strcspn(at + 1, "\r\n"),
	    at + 1);
	return out;
}

static void bye_check(const struct sip *sip)
{
	char line[LINE], want[LINE];

	(void)snprintf(want, LINE, "BYE sip:anna@127.0.0.1:%u SIP/2.0\r\n",
	    sip->own);
	CHECK(!strncmp(sip->text, want, strlen(want)));
	(void)snprintf(want, LINE, "%s\r\n", sip->tag);
	CHECK(strstr(header(sip, "\nFrom:", line), want) != NULL);
	CHECK(strstr(header(sip, "\nTo:", line), ";tag=a1\r\n") != NULL);
	(void)snprintf(want, LINE, "Call-ID: c%u@127.0.0.1\r\n", sip->own);
	CHECK_STR(header(sip, "\nCall-ID:", line), want);
	CHECK(strtoul(header(sip, "\nCSeq:", line) + 5, NULL, 10) > 0);
	CHECK(strstr(line, " BYE\r\n") != NULL);
}

static void bye_answer(const struct sip *sip)
{
	static const char *const names[] = { "\nVia:", "\nFrom:", "\nTo:",
		"\nCall-ID:", "\nCSeq:" };
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(sip->to),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char text[SIP_TEXT], line[KK_ARRAY_LEN(names)][LINE];

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++)
		(void)header(sip, names[i], line[i]);
	(void)snprintf(text, sizeof(text),
	    "SIP/2.0 200 OK\r\n%s%s%s%s%sContent-Length: 0\r\n\r\n", line[0],
	    line[1], line[2], line[3], line[4]);
	CHECK_EQ(sendto(sip->fd, text, strlen(text), 0,
		     (const struct sockaddr *)&to, sizeof(to)),
	    (ssize_t)strlen(text));
}

/* What has come, up to nothing more: none but repeats of this; NULL: none. */
static void no_other_bye(struct sip *sip, const char *via)
{
	char line[LINE];

	do {
		sip->text[0] = '\0';
		sip_step(sip);
		if (is_bye(sip))
			CHECK(via && !strcmp(header(sip, "\nVia:", line), via));
	} while (sip->text[0]);
}

static void sip_forget(struct sip *sip)
{
	sip->text[0] = '\0';
}

TEST(call_of_a_lined_that_was_killed_gets_one_bye_when_it_is_back)
{
	static struct site s;
	static struct sip sip;
	struct stat st;
	char via[LINE], path[TEXT], *kept;

	site_open(&s, "udp");
	call(&s, &sip, &s.world.phones[0]);
	UNTIL(&s.world, files(&s) == 1);
	(void)snprintf(path, TEXT, "%s/line-0", s.folder);
	CHECK_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	kept = file_text(path);
	CHECK(!strncmp(kept, "BYE ", 4));
	CHECK(!strstr(kept, "Anna") && !strstr(kept, "m=audio"));
	free(kept);
	site_kill(&s);
	CHECK_EQ(files(&s), 1);
	sip_forget(&sip);
	site_start_again(&s);
	CHECK_EQ(files(&s), 0);
	SIP_UNTIL(&s.world, &sip, is_bye(&sip));
	bye_check(&sip);
	(void)header(&sip, "\nVia:", via);
	bye_answer(&sip);
	CHECK_EQ(file_count(s.log, "calls of before were ended count=1"), 1);
	CHECK_EQ(file_count(s.log, "anna"), 0);
	/* It has a call again, in the same place. */
	phone_close(&s.world.phones[0]);
	sip_close(&sip);
	call(&s, &sip, &s.world.phones[0]);
	UNTIL(&s.world, files(&s) == 1);
	sip_send(&sip, "BYE", "");
	SIP_UNTIL(&s.world, &sip, sip.status == 200);
	UNTIL(&s.world, files(&s) == 0);
	no_other_bye(&sip, NULL);
	sip_close(&sip);
	site_close(&s);
}

TEST(call_that_was_over_before_gets_no_bye_and_others_get_theirs)
{
	static struct site s;
	static struct sip over, up;
	char via[LINE];

	site_open(&s, "udp");
	call(&s, &over, &s.world.phones[0]);
	call(&s, &up, &s.world.phones[1]);
	UNTIL(&s.world, files(&s) == 2);
	sip_send(&over, "BYE", "");
	SIP_UNTIL(&s.world, &over, over.status == 200);
	UNTIL(&s.world, files(&s) == 1);
	site_kill(&s);
	sip_forget(&up);
	site_start_again(&s);
	SIP_UNTIL(&s.world, &up, is_bye(&up));
	bye_check(&up);
	(void)header(&up, "\nVia:", via);
	bye_answer(&up);
	program_close(&s.world);
	no_other_bye(&over, NULL);
	no_other_bye(&up, via);
	sip_close(&over);
	sip_close(&up);
	folder_remove(s.folder);
}

TEST(lined_that_ends_as_it_should_leaves_nothing_to_be_ended)
{
	static struct site s;
	static struct sip sip;

	site_open(&s, "udp");
	call(&s, &sip, &s.world.phones[0]);
	UNTIL(&s.world, files(&s) == 1);
	program_close(&s.world);
	CHECK_EQ(files(&s), 0);
	sip_forget(&sip);
	while (!is_bye(&sip))
		sip_step(&sip);
	bye_check(&sip);
	sip_close(&sip);
	folder_remove(s.folder);
}

static void put(const struct site *s, const char *name, const char *text,
    size_t bytes)
{
	char path[TEXT];

	(void)snprintf(path, TEXT, "%s/%s", s->folder, name);
	file_write(path, text, bytes);
}

static void told(const struct site *s, const char *name)
{
	char text[TEXT];

	(void)snprintf(text, TEXT, "not ended: %s is removed", name);
	CHECK_EQ(file_count(s->log, text), 1);
}

TEST(files_that_are_no_calls_are_told_and_removed_and_others_are_left)
{
	static struct site s;
	static const char much[UA_BYE_BYTES + 1];
	char path[TEXT];

	site_open(&s, "udp");
	site_kill(&s);
	put(&s, "line-0", "nonsense", 8);
	put(&s, "line-1", much, 20);
	put(&s, "line-2", much, sizeof(much));
	put(&s, "line-3", "", 0);
	put(&s, "line-4.new", "BYE sip", 7);
	put(&s, "letter", "nonsense", 8);
	(void)snprintf(path, TEXT, "%s/line-x", s.folder);
	CHECK_EQ(symlink("letter", path), 0);
	site_start_again(&s);
	told(&s, "line-0");
	told(&s, "line-1");
	told(&s, "line-2");
	told(&s, "line-3");
	told(&s, "line-x");
	CHECK_EQ(file_count(s.log, "of before were ended"), 0);
	CHECK_EQ(file_count(s.log, "line-4"), 0);
	(void)snprintf(path, TEXT, "%s/letter", s.folder);
	CHECK_EQ(access(path, F_OK), 0);
	CHECK_EQ(files(&s), 1);
	site_close(&s);
}

TEST(program_does_not_start_without_the_folder_that_it_was_given)
{
	char out[1024];
	const char *const args[] = { "--roomd=r", "--mixd=m", "--prompts=/none",
		"--listen=udp:127.0.0.1:0", "--state=/none", "--memory-mb=0",
		NULL };

	CHECK_EQ(process_run("lined", args, out, sizeof(out)), 1);
	CHECK(strstr(out, "--state=/none") != NULL);
}

/*
 * A telephone that is not ours.
 */
static void baresip_is_ended(const char *transport, const char *account)
{
	static struct site s;
	struct telephone t = { .codec = "PCMA/8000/1",
		.module = "g711",
		.hz = 8000,
		.channels = 1,
		.account = account,
		.host = "127.0.0.1",
		.at = "127.0.0.1" };
	char to[TEXT];

	site_open(&s, transport);
	telephone_start(&s.world, &t);
	(void)snprintf(to, TEXT, "sip:9000@127.0.0.1:%u;transport=%s", s.port,
	    transport);
	telephone_order(&t, "dial", to);
	UNTIL(&s.world, telephone_has_said(&t, "Call established"));
	UNTIL(&s.world, files(&s) == 1);
	site_kill(&s);
	CHECK(!telephone_has_said(&t, "session closed"));
	site_start_again(&s);
	UNTIL(&s.world, telephone_has_said(&t, "session closed"));
	telephone_stop(&t);
	site_close(&s);
}

TEST(baresip_ends_its_call_when_lined_was_killed_and_is_back)
{
	baresip_is_ended("udp", ">;regint=0");
}

/* Its connection is closed; it listens where it has said. */
TEST(baresip_ends_its_call_over_tcp_when_lined_was_killed_and_is_back)
{
	baresip_is_ended("tcp", ";transport=tcp>;regint=0");
}
