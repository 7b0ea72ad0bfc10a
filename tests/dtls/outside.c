/*
 * outside.c - the command `openssl` as the peer, over loopback.
 *
 * It prints what its own exporter gives, which must be our keys.  This is the
 * one test with a socket and a clock; the clock only drives repeats and ends a
 * test that hangs.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dtls/net.h"

enum {
	LIMIT_MS = 60000,
	WAIT_MS = 100,
	TEXT_BYTES = 16384,
	KEY_BYTES = 60 /* of CM-SHA1: 2 * (16 + 14) */
};

struct outside {
	char pem[64]; /* key and certificate of the command */
	uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
	int socket;
	struct sockaddr_in own;
	struct sockaddr_in peer;
	pid_t pid;
	int in; /* to its standard input */
	int out; /* from its standard output */
	char text[TEXT_BYTES];
	size_t text_bytes;
	struct dtls_identity *identity;
	struct dtls *machine;
};

static uint64_t now_ms(void)
{
	struct timespec t;

	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void pem_make(struct outside *o)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	FILE *file;
	int fd;

	(void)snprintf(o->pem, sizeof(o->pem), "/tmp/konklave-dtls-XXXXXX");
	fd = mkstemp(o->pem);
	CHECK(fd >= 0 && key && cert);
	CHECK_EQ(X509_set_version(cert, X509_VERSION_3), 1);
	CHECK_EQ(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1), 1);
	CHECK(X509_gmtime_adj(X509_getm_notBefore(cert), -60));
	CHECK(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
	CHECK_EQ(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
		     MBSTRING_ASC, (const uint8_t *)"outside", -1, -1, 0),
	    1);
	CHECK_EQ(X509_set_issuer_name(cert, X509_get_subject_name(cert)), 1);
	CHECK_EQ(X509_set_pubkey(cert, key), 1);
	CHECK(X509_sign(cert, key, EVP_sha256()) > 0);
	CHECK_EQ(X509_digest(cert, EVP_sha256(), o->fingerprint, NULL), 1);
	file = fdopen(fd, "w");
	CHECK(file);
	CHECK_EQ(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	CHECK_EQ(PEM_write_X509(file, cert), 1);
	CHECK_EQ(fclose(file), 0);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static int socket_bind(struct sockaddr_in *address)
{
	socklen_t bytes = sizeof(*address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	*address = (struct sockaddr_in){ .sin_family = AF_INET };
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)address, sizeof(*address)) != 0) {
		(void)close(fd);
		SKIP("no loopback");
	}
	CHECK_EQ(getsockname(fd, (struct sockaddr *)address, &bytes), 0);
	return fd;
}

static void outside_init(struct outside *o, enum dtls_backend backend,
    enum dtls_role role)
{
	struct dtls_config config = { .role = role, .timeout_first_ms = 100 };

	memset(o, 0, sizeof(*o));
	if (access("/usr/bin/openssl", X_OK) != 0)
		SKIP("no openssl command");
	(void)signal(SIGPIPE, SIG_IGN);
	o->socket = socket_bind(&o->own);
	pem_make(o);
	config.fingerprints = &o->fingerprint;
	config.fingerprint_count = 1;
	config.profiles[0] = DTLS_SRTP_AES128_CM_SHA1_80;
	config.profile_count = 1;
	CHECK_OK(dtls_identity_new(&o->identity, backend, NET_NOW_S,
	    NET_DAY_S));
	CHECK_OK(dtls_new(&o->machine, o->identity, &config, NET_NOW_S));
}

/* Starts the command with what it has in common as client and server. */
static void outside_run(struct outside *o, const char *what, const char *flag,
    const struct sockaddr_in *address)
{
	char place[64];
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };

	(void)snprintf(place, sizeof(place), "127.0.0.1:%u",
	    ntohs(address->sin_port));
	CHECK(pipe(in) == 0 && pipe(out) == 0);
	o->pid = fork();
	CHECK(o->pid >= 0);
	if (o->pid == 0) {
		(void)dup2(in[0], 0);
		(void)dup2(out[1], 1);
		(void)dup2(out[1], 2);
		(void)close(in[1]);
		(void)close(out[0]);
		(void)execl("/usr/bin/openssl", "openssl", what, "-dtls1_2",
		    flag, place, "-cert", o->pem, "-key", o->pem, "-use_srtp",
		    "SRTP_AES128_CM_SHA1_80", "-keymatexport",
		    "EXTRACTOR-dtls_srtp", "-keymatexportlen", "60",
		    what[2] == 's' ? "-Verify" : NULL, "1", (char *)NULL);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	o->in = in[1];
	o->out = out[0];
}

static void outside_clear(struct outside *o)
{
	int status;

	(void)kill(o->pid, SIGKILL);
	CHECK_EQ(waitpid(o->pid, &status, 0), o->pid);
	(void)close(o->in);
	(void)close(o->out);
	(void)close(o->socket);
	CHECK_EQ(unlink(o->pem), 0);
	dtls_free(o->machine);
	dtls_identity_free(o->identity);
}

static void outside_send(struct outside *o)
{
	uint8_t data[DTLS_DATAGRAM_MAX_BYTES];
	size_t bytes = sizeof(data);

	while (!dtls_take(o->machine, data, &bytes)) {
		/* Nobody there yet is a loss like another. */
		(void)!sendto(o->socket, data, bytes, 0,
		    (struct sockaddr *)&o->peer, sizeof(o->peer));
		bytes = sizeof(data);
	}
}

static void outside_receive(struct outside *o)
{
	uint8_t data[DTLS_DATAGRAM_MAX_BYTES];
	socklen_t from_bytes = sizeof(o->peer);
	ssize_t n = recvfrom(o->socket, data, sizeof(data), MSG_DONTWAIT,
	    (struct sockaddr *)&o->peer, &from_bytes);

	if (n >= 0)
		CHECK_OK(dtls_input(o->machine, kk_view_of(data, (size_t)n),
		    now_ms()));
}

/* True once the command has printed its keys. */
static const char *text_find(const struct outside *o)
{
	static const char words[] = "Keying material: ";
	const char *found = strstr(o->text, words);

	if (!found || strlen(found) < sizeof(words) + 2 * KEY_BYTES)
		return NULL;
	return found + sizeof(words) - 1;
}

static void text_read(struct outside *o)
{
	char part[1024];
	ssize_t n = read(o->out, part, sizeof(part));

	/* What is over the room is of no interest. */
	for (ssize_t i = 0; i < n && o->text_bytes < TEXT_BYTES - 1; i++)
		o->text[o->text_bytes++] = part[i];
}

static void outside_shake(struct outside *o)
{
	const uint64_t limit_ms = now_ms() + LIMIT_MS;

	while (dtls_state(o->machine) != DTLS_DONE || !text_find(o)) {
		struct pollfd fds[] = { { o->socket, POLLIN, 0 },
			{ o->out, POLLIN, 0 } };

		if (now_ms() >= limit_ms) {
			tap_diag("openssl says: %s", o->text);
			CHECK(false); /* it hangs */
		}
		CHECK(poll(fds, 2, WAIT_MS) >= 0);
		if (fds[0].revents)
			outside_receive(o);
		if (fds[1].revents & POLLIN)
			text_read(o);
		CHECK_OK(dtls_tick(o->machine, now_ms()));
		outside_send(o);
	}
}

static void check_block(const struct outside *o,
    const struct dtls_srtp_keys *keys)
{
	const char *hex = text_find(o);
	uint8_t block[KEY_BYTES];

	for (unsigned i = 0; i < KEY_BYTES; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		block[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	CHECK_MEM(block, keys->client_key, 16);
	CHECK_MEM(block + 16, keys->server_key, 16);
	CHECK_MEM(block + 32, keys->client_salt, 14);
	CHECK_MEM(block + 46, keys->server_salt, 14);
}

static void shake_outside(enum dtls_backend backend, enum dtls_role role)
{
	struct outside o;
	struct dtls_srtp_keys keys;

	outside_init(&o, backend, role);
	if (role == DTLS_SERVER) {
		outside_run(&o, "s_client", "-connect", &o.own);
	} else {
		/* A port that was free a moment ago. */
		(void)close(socket_bind(&o.peer));
		outside_run(&o, "s_server", "-accept", &o.peer);
		CHECK_OK(dtls_start(o.machine, now_ms()));
		outside_send(&o);
	}
	outside_shake(&o);
	CHECK_OK(dtls_keys_take(o.machine, &keys));
	check_block(&o, &keys);
	outside_clear(&o);
}

TEST(openssl_s_client_shakes_hands_and_has_the_same_keys)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++)
		shake_outside(net_backends[i], DTLS_SERVER);
}

TEST(openssl_s_server_shakes_hands_and_has_the_same_keys)
{
	for (unsigned i = 0; i < NET_BACKENDS; i++)
		shake_outside(net_backends[i], DTLS_CLIENT);
}
