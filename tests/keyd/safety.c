/* safety.c - who may do what, what is refused, what does not get out. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call/contract.h"
#include "world.h"

TEST(interface_is_that_of_the_contract_s_file)
{
	struct world w;

	world_start(&w, 1);
	contract_check(w.box[0].link[POLICY], "io.konklave.Keys",
	    "firmware/bin/keyd/io.konklave.Keys.varlink");
	world_end(&w);
}

TEST(roomd_gets_no_epoch_keys_and_media_nothing_else)
{
	static const char *const meeting_calls[] = { "NewKeyPackage", "Roster",
		"SecurityCode", "GroupInfo", "Leave", "Forget", "Commit" };
	struct world w;
	const char *error = NULL;
	sd_varlink *policy;

	world_start(&w, 1);
	policy = w.box[0].link[POLICY];
	meeting_create(&w, &w.box[0]);
	CHECK(sd_varlink_collect(policy, "io.konklave.Keys.EpochKeys", NULL,
		  NULL, &error) >= 0);
	CHECK_STR(error, "io.konklave.Call.NotAllowed");
	for (int role = MEDIA; role <= MIX; role++) {
		sd_varlink *media = w.box[0].link[role];

		CHECK_STR(ask_fails(media, "Identity", NULL), "NotAllowed");
		CHECK_STR(ask_fails(media, "Status", NULL), "NotAllowed");
		CHECK_STR(ask_fails(media, "CreateMeeting", in_open()),
		    "NotAllowed");
		CHECK_STR(ask_fails(media, "Protect", in_with("data", "AA==")),
		    "NotAllowed");
		for (size_t i = 0; i < KK_ARRAY_LEN(meeting_calls); i++)
			CHECK_STR(ask_fails(media, meeting_calls[i],
				      in_meeting()),
			    "NotAllowed");
	}
	CHECK_EQ(number_of(ask(&w, policy, "Status", NULL), "notAllowed"),
	    1 + 2 * (4 + KK_ARRAY_LEN(meeting_calls)));
	world_end(&w);
}

TEST(health_gets_the_counts_and_nothing_else)
{
	static const char *const calls[] = { "NewKeyPackage", "Roster",
		"SecurityCode", "GroupInfo", "Leave", "Forget", "Commit" };
	struct world w;
	sd_varlink *health;

	world_start(&w, 1);
	health = w.box[0].link[HEALTH];
	meeting_create(&w, &w.box[0]);
	CHECK_EQ(number_of(ask(&w, health, "Status", NULL), "meetings"), 1);
	CHECK_STR(ask_fails(health, "Identity", NULL), "NotAllowed");
	for (size_t i = 0; i < KK_ARRAY_LEN(calls); i++)
		CHECK_STR(ask_fails(health, calls[i], in_meeting()),
		    "NotAllowed");
	world_end(&w);
}

TEST(calls_in_a_wrong_phase_are_refused)
{
	struct world w;
	sd_varlink *b;

	world_start(&w, 1);
	b = w.box[0].link[POLICY];
	CHECK_STR(ask_fails(b, "Roster", in_meeting()), "NotNow");
	CHECK_STR(ask_fails(b, "Forget", in_meeting()), "NotNow");
	(void)ask(&w, b, "OpenMeeting", in_open());
	CHECK_STR(ask_fails(b, "OpenMeeting", in_open()), "NotNow");
	CHECK_STR(ask_fails(b, "CreateMeeting", in_open()), "NotNow");
	CHECK_STR(ask_fails(b, "Protect", in_with("data", "AA==")), "NotNow");
	CHECK_STR(ask_fails(b, "JoinByWelcome", in_with("welcome", "AA==")),
	    "NoKey");
	(void)ask(&w, b, "Forget", in_meeting());
	meeting_create(&w, &w.box[0]);
	CHECK_STR(ask_fails(b, "NewKeyPackage", in_meeting()), "NotNow");
	world_end(&w);
}

TEST(bad_parameters_are_refused_by_name_and_change_nothing)
{
	struct world w;
	sd_varlink *b;
	sd_json_variant *in;

	world_start(&w, 1);
	b = w.box[0].link[POLICY];
	CHECK_STR(ask_fails(b, "OpenMeeting", in_with("secret", "AAAA")),
	    "Invalid");
	CHECK_STR(ask_fails(b, "OpenMeeting", in_with("secret", "?")),
	    "Format");
	CHECK_STR(ask_fails(b, "OpenMeeting",
		      in_with("secret", "AAAAAAAAAAAAAAAAAAAAAAAA")),
	    "Limit");
	CHECK_STR(ask_fails(b, "OpenMeeting", in_meeting()),
	    "InvalidParameter");
	in = in_open();
	CHECK_OK(call_put_text(&in, "strange", "x"));
	CHECK_STR(ask_fails(b, "OpenMeeting", in), "InvalidParameter");
	CHECK_EQ(number_of(ask(&w, b, "Status", NULL), "meetings"), 0);
	meeting_create(&w, &w.box[0]);
	CHECK_STR(ask_fails(b, "Process", in_with("message", "AQQ=")),
	    "Truncated");
	CHECK_STR(ask_fails(b, "Apply", in_meeting()), "InvalidParameter");
	in = in_meeting();
	CHECK_OK(call_put_u64(&in, "handle", 77));
	CHECK_STR(ask_fails(b, "Apply", in), "NotFound");
	CHECK_EQ(strlen(code_of(&w, &w.box[0])), 35);
	world_end(&w);
}

TEST(oversized_requests_are_refused)
{
	enum { TEXT_BYTES = 200 * 1024 };
	char *text = calloc(1, TEXT_BYTES);
	struct world w;
	sd_varlink *b;

	CHECK(text != NULL);
	memset(text, 'A', TEXT_BYTES - 4);
	world_start(&w, 1);
	b = w.box[0].link[POLICY];
	CHECK_STR(ask_fails(b, "OpenMeeting", in_with("secret", text)),
	    "TooLarge");
	meeting_create(&w, &w.box[0]);
	CHECK_STR(ask_fails(b, "Protect", in_with("data", text)), "TooLarge");
	CHECK_EQ(number_of(ask(&w, b, "Status", NULL), "tooLarge"), 2);
	world_end(&w);
	free(text);
}

TEST(flood_is_refused_and_counted_and_the_box_goes_on)
{
	struct world w;
	sd_varlink *b;
	uint64_t refused = 0;

	world_start(&w, 1);
	b = w.box[0].link[POLICY];
	for (int i = 0; i < 300; i++) {
		/* Five a second: most of them come too often. */
		const char *error = ask_fails(b, "OpenMeeting",
		    in_with("secret", "AAAA"));

		refused += !strcmp(error, "TooOften");
	}
	CHECK(refused > 100);
	CHECK_EQ(number_of(ask(&w, b, "Status", NULL), "tooOften"), refused);
	world_end(&w);
}

static void raw_send(const struct box *b, const char *data, size_t bytes)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s",
	    b->paths[POLICY]);
	CHECK(fd >= 0);
	CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	CHECK_EQ(send(fd, data, bytes, MSG_NOSIGNAL), bytes);
	CHECK(recv(fd, &byte, 1, 0) <= 0);
	close(fd);
}

TEST(peer_of_a_user_who_is_not_allowed_is_turned_away)
{
	const char *error = NULL;
	struct world w;
	struct stat st;
	int r;

	world_start(&w, 0);
	box_make(&w.box[0]);
	w.box[0].options[0] = geteuid() == 12345 ? "--allow=media:12346" :
						   "--allow=media:12345";
	box_start(&w.box[0]);
	/* The other user could connect, and we can for now. */
	CHECK_EQ(stat(w.box[0].paths[MEDIA], &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0666);
	CHECK_EQ(stat(w.box[0].paths[POLICY], &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	r = sd_varlink_collect(w.box[0].link[MEDIA],
	    "io.konklave.Keys.EpochKeys", NULL, NULL, &error);
	CHECK(r < 0 || !strcmp(error, SD_VARLINK_ERROR_DISCONNECTED));
	CHECK_EQ(number_of(ask(&w, w.box[0].link[POLICY], "Status", NULL),
		     "strangers"),
	    1);
	world_end(&w);
}

TEST(message_without_an_end_is_cut_off_and_the_box_goes_on)
{
	enum { CHUNK_BYTES = 1 << 20, BOUND_BYTES = 64 * CHUNK_BYTES };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *chunk = calloc(1, CHUNK_BYTES);
	struct world w;
	size_t sent = 0;

	CHECK(chunk != NULL);
	memset(chunk, ' ', CHUNK_BYTES);
	world_start(&w, 1);
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s",
	    w.box[0].paths[POLICY]);
	CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	while (sent <= BOUND_BYTES) {
		ssize_t n = send(fd, chunk, CHUNK_BYTES, MSG_NOSIGNAL);

		if (n < 0)
			break;
		sent += (size_t)n;
	}
	close(fd);
	free(chunk);
	CHECK(sent <= BOUND_BYTES);
	meeting_create(&w, &w.box[0]);
	world_end(&w);
}

TEST(socket_that_the_service_manager_passes_serves_its_role)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct world w;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	world_start(&w, 0);
	box_make(&w.box[0]);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s",
	    w.box[0].paths[POLICY]);
	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(listen(fd, 5), 0);
	w.box[0].passed_fd = fd;
	box_start(&w.box[0]);
	close(fd);
	meeting_create(&w, &w.box[0]);
	CHECK_STR(ask_fails(w.box[0].link[MEDIA], "Status", NULL),
	    "NotAllowed");
	world_end(&w);
}

TEST(malformed_json_closes_the_connection_alone)
{
	static const char deep[] = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";
	struct world w;

	world_start(&w, 1);
	raw_send(&w.box[0], "{]", 3);
	raw_send(&w.box[0], "", 1);
	raw_send(&w.box[0], deep, sizeof(deep));
	raw_send(&w.box[0], "{\"method\":\"\xff\"}", 15);
	meeting_create(&w, &w.box[0]);
	world_end(&w);
}

/* May somebody of our user, without rights of root, look into it? */
static bool is_readable_without_rights(pid_t of)
{
	int status = 0;
	char path[64];
	pid_t pid = fork();

	(void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)of);
	CHECK(pid >= 0);
	if (pid == 0) {
		rights_drop();
		_exit(open(path, O_RDONLY | O_CLOEXEC) < 0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

/* A process of our user's that takes no care: it can be looked into, so that
 * what is asked of keyd is a question at all. */
static bool is_careless_one_readable(void)
{
	int ready[2], end[2];
	bool is_readable;
	char byte;
	pid_t pid;

	CHECK_EQ(pipe(ready), 0);
	CHECK_EQ(pipe(end), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(end[1]);
		rights_drop();
		(void)!write(ready[1], "r", 1);
		_exit(read(end[0], &byte, 1) != 0);
	}
	close(end[0]);
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	is_readable = is_readable_without_rights(pid);
	close(end[1]);
	close(ready[0]);
	close(ready[1]);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	return is_readable;
}

static bool proc_says(pid_t pid, const char *file, const char *want)
{
	char path[64], *text;
	bool is_found;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	text = file_text(path);
	is_found = strstr(text, want) != NULL;
	free(text);
	return is_found;
}

TEST(no_core_file_no_debugger_no_new_rights)
{
	struct world w;
	pid_t pid;

	world_start(&w, 0);
	box_make(&w.box[0]);
	w.box[0].has_no_rights = true;
	box_start(&w.box[0]);
	pid = w.box[0].pid;
	CHECK(is_careless_one_readable());
	CHECK(!is_readable_without_rights(pid));
	CHECK(proc_says(pid, "limits",
	    "Max core file size        0                    0 "));
	CHECK(proc_says(pid, "status", "NoNewPrivs:\t1"));
	world_end(&w);
}

TEST(secrets_are_not_in_the_log)
{
	struct world w;
	char *log;
	const char *token;

	world_start(&w, 1);
	CHECK_STR(ask_fails(w.box[0].link[POLICY], "OpenMeeting",
		      in_with("secret", "c2VjcmV0IHNlY3JldA==")),
	    "Invalid");
	token = text_of(ask(&w, w.box[0].link[POLICY], "CreateMeeting",
			    in_open()),
	    "token");
	CHECK_STR(ask_fails(w.box[0].link[POLICY], "CreateMeeting", in_open()),
	    "NotNow");
	log = box_log(&w.box[0]);
	CHECK(strstr(log, "ready") != NULL);
	CHECK(strstr(log, "OpenMeeting") != NULL);
	CHECK(strstr(log, "c2VjcmV0") == NULL);
	CHECK(strstr(log, "secret s") == NULL);
	CHECK(strstr(log, SECRET) == NULL);
	CHECK(strstr(log, token) == NULL);
	free(log);
	world_end(&w);
}

static int run(const char *a, const char *b)
{
	const char *const args[] = { a, b, NULL };
	char said[4096];

	return process_run("keyd", args, said, sizeof(said));
}

TEST(help_is_given_and_wrong_options_are_refused)
{
	CHECK_EQ(run("--help", NULL), 0);
	CHECK_EQ(run("--strange", NULL), 2);
	CHECK_EQ(run("--socket=sfud:/tmp/x", NULL), 2);
	CHECK_EQ(run("--socket=policy:relative", NULL), 2);
	CHECK_EQ(run("--allow=media:root", NULL), 2);
	CHECK_EQ(run("--state=/nowhere", "--wrap-key=/nowhere"), 1);
}
