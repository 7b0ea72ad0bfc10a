/* digest.c - how telephones, and we, prove who they are. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ua/end.h"
#include "ua/ua_private.h"

/* Of "anna:site.example:secret". */
#define MD5 "a9b17a852696035661f5310fff19dcde"
#define SHA256 \
	"d1d821c87910971564b83fe99f430e49217a789550d1bf3c9db9aa967f29782b"

static struct end here, there;

/* RFC 7616, 3.9.1 */
TEST(digests_are_those_of_rfc_7616)
{
	static const struct {
		enum ua_hash hash;
		const char *response;
	} rows[] = {
		{ UA_MD5, "8ca523f5e9506fed4657c9700eebdbec" },
		{ UA_SHA256,
		    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db585"
		    "6cb6c1" },
	};
	char ha1[UA_DIGEST_BYTES], response[UA_DIGEST_BYTES];

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		const struct ua_digest d = { rows[i].hash,
			"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
			"00000001",
			"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth",
			"GET", "/dir/index.html" };

		CHECK(ua_digest_ha1(d.hash, "Mufasa", "http-auth@example.org",
		    "Circle of Life", ha1));
		CHECK(ua_digest_response(&d, ha1, response));
		CHECK_STR(response, rows[i].response);
	}
}

static void registrar_open(const char *text)
{
	struct ua_account *accounts;
	size_t count;

	CHECK_OK(ua_accounts_read(&accounts, &count, end_text(text)));
	end_open(&there,
	    (struct ua_config){ .accounts = accounts, .account_count = count });
	ua_accounts_free(accounts, count);
}

static void registers_by(const char *account, enum ua_hash hash)
{
	char uri[END_TEXT_BYTES];
	struct ua_trunk trunk;

	registrar_open(account);
	trunk = end_trunk(&there, UA_UDP, uri);
	trunk.user = "anna";
	trunk.password = "secret";
	trunk.is_static = false;
	end_open(&here,
	    (struct ua_config){ .trunks = &trunk, .trunk_count = 1 });
	end_wait(here.trunk_state, UA_TRUNK_READY);
	CHECK_EQ(here.ua->trunks[0].logins.server.hash, hash);
	CHECK_EQ(there.ua->counts.contacts, 1);
	CHECK_EQ(there.ua->counts.refused, 0);
	end_close(&here);
	end_close(&there);
}

TEST(telephones_prove_themselves_by_the_best_that_both_have)
{
	registers_by("anna " MD5 "\n", UA_MD5);
	registers_by("anna " SHA256 "\n", UA_SHA256);
	registers_by("anna " MD5 " " SHA256 "\n", UA_SHA256);
}

/* --- word by word -------------------------------------------------------- */

static int socket_open(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(ua_port(there.ua, UA_UDP)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

/* Gives the answer's status; out is its text. */
static unsigned registers(int fd, unsigned n, const char *proof, char out[2048])
{
	char text[2048];
	ssize_t bytes = snprintf(text, sizeof(text),
	    "REGISTER sip:site.example SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK%u;rport\r\n"
	    "From: <sip:anna@site.example>;tag=%u\r\n"
	    "To: <sip:anna@site.example>\r\nCall-ID: c\r\nCSeq: %u REGISTER\r\n"
	    "Contact: <sip:x@127.0.0.1:9>\r\n%sMax-Forwards: 70\r\n"
	    "Content-Length: 0\r\n\r\n",
	    n, n, n, proof);

	CHECK(send(fd, text, (size_t)bytes, 0) == bytes);
	do {
		end_run_ms(5);
		bytes = recv(fd, out, 2047, MSG_DONTWAIT);
	} while (bytes < 0);
	out[bytes] = '\0';
	CHECK(!strncmp(out, "SIP/2.0 ", 8));
	return (unsigned)strtoul(out + 8, NULL, 10);
}

/* As anna has it, about an address. */
static void proof_make(char out[1024], const char *asked, enum ua_hash hash,
    const char *uri)
{
	char nonce[64], response[UA_DIGEST_BYTES];
	const char *at = strstr(asked, "nonce=\"");
	const struct ua_digest d = { hash, nonce, "00000001", "c", "auth",
		"REGISTER", uri };

	CHECK(at != NULL);
	(void)snprintf(nonce, sizeof(nonce), "%.*s", (int)strcspn(at + 7, "\""),
	    at + 7);
	CHECK(ua_digest_response(&d, hash == UA_SHA256 ? SHA256 : MD5,
	    response));
	(void)snprintf(out, 1024,
	    "Authorization: Digest username=\"anna\", realm=\"site.example\", "
	    "nonce=\"%s\", uri=\"%s\", response=\"%s\", algorithm=%s, "
	    "qop=auth, nc=00000001, cnonce=\"c\"\r\n",
	    nonce, uri, response, ua_hash_name(hash));
}

TEST(best_challenge_comes_first_and_a_proof_is_about_its_request_alone)
{
	char asked[2048], answer[2048], proof[1024];
	const char *sha256, *md5;
	unsigned n = 1;
	int fd;

	registrar_open("anna " MD5 " " SHA256 "\n");
	fd = socket_open();
	CHECK_EQ(registers(fd, n++, "", asked), 401);
	sha256 = strstr(asked, "algorithm=SHA-256");
	md5 = strstr(asked, "algorithm=MD5");
	CHECK(sha256 && md5 && sha256 < md5);
	for (enum ua_hash hash = UA_MD5; hash <= UA_SHA256; hash++) {
		proof_make(proof, asked, hash, "sip:other.example");
		CHECK_EQ(registers(fd, n++, proof, answer), 401);
		proof_make(proof, asked, hash, "sip:9@site.example");
		CHECK_EQ(registers(fd, n++, proof, answer), 401);
		CHECK_EQ(there.ua->counts.contacts, hash == UA_MD5 ? 0 : 1);
		proof_make(proof, asked, hash, "sip:site.example");
		CHECK_EQ(registers(fd, n++, proof, answer), 200);
		/* Nor is one taken twice. */
		CHECK_EQ(registers(fd, n++, proof, answer), 401);
		CHECK(strstr(answer, "stale=true") != NULL);
	}
	CHECK_EQ(close(fd), 0);
	end_close(&there);
}

TEST(accounts_without_a_digest_by_an_algorithm_are_not_asked_for_it)
{
	char asked[2048], proof[1024];
	int fd;

	registrar_open("anna " MD5 "\n");
	fd = socket_open();
	CHECK_EQ(registers(fd, 1, "", asked), 401);
	CHECK(!strstr(asked, "SHA-256"));
	proof_make(proof, asked, UA_SHA256, "sip:site.example");
	CHECK_EQ(registers(fd, 2, proof, asked), 401);
	CHECK_EQ(there.ua->counts.contacts, 0);
	CHECK_EQ(close(fd), 0);
	end_close(&there);
}

TEST(accounts_have_each_digest_once)
{
	static const char *const bad[] = { "anna\n", "anna \n",
		"anna " MD5 " " MD5 "\n", "anna " SHA256 " " SHA256 "\n",
		"anna " MD5 "00\n", "anna " MD5 " x\n" };
	struct ua_account *accounts;
	size_t count;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK_ERR(ua_accounts_read(&accounts, &count, end_text(bad[i])),
		    KK_EFORMAT);
}
