/* trust.c - TLS: who is believed to be the server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/process.h"
#include "world.h"

static void expect_closed(const char *server, const char *host,
    const char *trust, enum ws_close why)
{
	struct world w;

	world_start_tls(&w, server);
	(void)world_connect_tls(&w, host, trust);
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_client.why, why);
	CHECK_EQ(w.at_client.opened, 0);
	CHECK_EQ(w.at_server.opened, 0);
	world_end(&w);
}

static void expect_open(const char *server, const char *host)
{
	struct world w;

	world_start_tls(&w, server);
	(void)world_connect_tls(&w, host, "site");
	WAIT_FOR(&w, w.at_client.opened == 1 && w.at_server.opened == 1);
	w.at_server.echoes = true;
	CHECK_OK(ws_send(w.at_client.conn, "over TLS", 8));
	WAIT_FOR(&w, w.at_client.messages == 1);
	CHECK_STR(w.at_client.text, "over TLS");
	world_end(&w);
}

TEST(a_server_of_the_sites_ca_is_trusted_by_address)
{
	expect_open("good", "127.0.0.1");
}

TEST(a_server_of_the_sites_ca_is_trusted_by_name)
{
	expect_open("good", "localhost");
}

TEST(a_server_of_the_sites_ca_is_trusted_by_its_v6_address)
{
	expect_open("six", "::1");
}

TEST(a_large_message_passes_tls_both_ways)
{
	static char text[2000000];
	struct world w;

	memset(text, 'x', sizeof(text));
	world_start_tls(&w, "good");
	(void)world_connect_tls(&w, "127.0.0.1", "site");
	WAIT_FOR(&w, w.at_client.opened == 1);
	w.at_server.echoes = true;
	CHECK_OK(ws_send(w.at_client.conn, text, sizeof(text)));
	WAIT_FOR(&w, w.at_client.messages == 1);
	CHECK_EQ(w.at_client.bytes, sizeof(text));
	CHECK_MEM(w.at_client.text, text, sizeof(text));
	world_end(&w);
}

TEST(another_ca_is_untrusted)
{
	expect_closed("good", "127.0.0.1", "other", WS_UNTRUSTED);
}

TEST(an_expired_certificate_is_untrusted)
{
	expect_closed("old", "127.0.0.1", "site", WS_UNTRUSTED);
}

TEST(another_name_is_untrusted)
{
	expect_closed("name", "localhost", "site", WS_UNTRUSTED);
}

TEST(another_address_is_untrusted)
{
	expect_closed("name", "127.0.0.1", "site", WS_UNTRUSTED);
	expect_closed("six", "127.0.0.1", "site", WS_UNTRUSTED);
}

TEST(another_v6_address_is_untrusted)
{
	expect_closed("name", "::1", "site", WS_UNTRUSTED);
}

TEST(a_certificate_that_is_not_for_servers_is_untrusted)
{
	expect_closed("client", "127.0.0.1", "site", WS_UNTRUSTED);
}

static void expect_no_trust(const char *path)
{
	struct world w;
	struct ws_conn *conn = NULL;
	struct ws_connect how = { .host = "127.0.0.1",
		.port = 1,
		.path = "/",
		.subprotocol = "test.1",
		.has_tls = true,
		.trust_path = path,
		.handler = &side_handler };

	world_start(&w);
	CHECK_ERR(ws_connect(w.client, &how, &conn), KK_EIO);
	CHECK(conn == NULL);
	world_end(&w);
}

TEST(a_file_of_trust_without_a_certificate_is_an_error_at_once)
{
	expect_no_trust("tests/ws/ca");
}

TEST(a_file_of_trust_that_is_not_there_is_an_error_at_once)
{
	expect_no_trust("/nonexistent/ca.pem");
}

TEST(a_file_of_trust_that_was_replaced_counts_from_the_next_connection)
{
	struct world w;
	char site[64], other[64], now[64];

	world_start_tls(&w, "good");
	(void)snprintf(site, sizeof(site), "%s/site.pem", w.folder);
	(void)snprintf(other, sizeof(other), "%s/other.pem", w.folder);
	(void)snprintf(now, sizeof(now), "%s/now.pem", w.folder);
	CHECK_EQ(link(other, now), 0);
	(void)world_connect_tls(&w, "127.0.0.1", "now");
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_client.why, WS_UNTRUSTED);
	CHECK_EQ(rename(site, now), 0);
	(void)world_connect_tls(&w, "127.0.0.1", "now");
	WAIT_FOR(&w, w.at_client.opened == 1);
	world_end(&w);
}

TEST(without_tls_only_loopback_is_served_and_called)
{
	static const char *const hosts[] = { "192.0.2.1", "example.org", "::2",
		"128.0.0.1" };
	struct ws_listen all = { .subprotocol = "test.1",
		.connections_max = 1,
		.handler = &side_handler };
	struct ws_conn *conn = NULL;
	uint16_t port = 0;
	struct world w;

	world_start(&w);
	CHECK_ERR(ws_listen(w.server, &all, &port), KK_EINVAL);
	all.address = "0.0.0.0";
	CHECK_ERR(ws_listen(w.server, &all, &port), KK_EINVAL);
	for (size_t i = 0; i < KK_ARRAY_LEN(hosts); i++) {
		struct ws_connect how = { .host = hosts[i],
			.port = 1,
			.path = "/",
			.subprotocol = "test.1",
			.handler = &side_handler };

		CHECK_ERR(ws_connect(w.client, &how, &conn), KK_EINVAL);
	}
	world_end(&w);
}

TEST(a_server_whose_files_are_not_there_does_not_start)
{
	struct ws_listen how = { .address = "127.0.0.1",
		.subprotocol = "test.1",
		.cert_path = "/nonexistent/cert.pem",
		.key_path = "/nonexistent/key.pem",
		.connections_max = 1,
		.handler = &side_handler };
	uint16_t port = 0;
	struct world w;

	world_start(&w);
	CHECK_ERR(ws_listen(w.server, &how, &port), KK_EIO);
	world_end(&w);
}

TEST(a_port_that_is_taken_is_an_error)
{
	struct ws_listen how = { .address = "127.0.0.1",
		.subprotocol = "test.1",
		.connections_max = 1,
		.handler = &side_handler };
	struct world w;
	uint16_t port = 0;
	struct ws *second = NULL;

	world_start(&w);
	how.port = w.port;
	CHECK_OK(ws_new(&second, w.event, NULL));
	CHECK_ERR(ws_listen(second, &how, &port), KK_EIO);
	ws_free(second);
	world_end(&w);
}

static void copy(const struct world *w, const char *from, const char *to)
{
	char a[64], b[64], *text;

	(void)snprintf(a, sizeof(a), "%s/%s", w->folder, from);
	(void)snprintf(b, sizeof(b), "%s/%s", w->folder, to);
	text = file_text(a);
	CHECK(text[0] != '\0');
	file_write(b, text, strlen(text));
	free(text);
}

static void client_again(struct world *w, const char *trust)
{
	ws_conn_free(w->at_client.conn);
	w->at_client.conn = NULL;
	w->at_client.opened = w->at_client.closed = 0;
	(void)world_connect_tls(w, "localhost", trust);
}

TEST(a_new_certificate_is_for_those_that_come_and_the_others_stay)
{
	struct side first = { 0 };
	struct world w;

	world_start_tls(&w, "good");
	(void)world_connect_tls(&w, "localhost", "site");
	WAIT_FOR(&w, w.at_client.opened == 1 && w.at_server.opened == 1);
	first.conn = w.at_client.conn;
	ws_conn_arg_set(first.conn, &first);
	w.at_client.conn = NULL;
	copy(&w, "client.pem", "good.pem");
	copy(&w, "client.key", "good.key");
	CHECK_OK(ws_certificates_renew(w.server));
	client_again(&w, "site");
	WAIT_FOR(&w, w.at_client.closed == 1);
	CHECK_EQ(w.at_client.why, WS_UNTRUSTED);
	copy(&w, "six.pem", "good.pem");
	copy(&w, "six.key", "good.key");
	CHECK_OK(ws_certificates_renew(w.server));
	w.at_server.echoes = true;
	CHECK_OK(ws_send(first.conn, "still here", 10));
	WAIT_FOR(&w, first.messages == 1);
	CHECK_STR(first.text, "still here");
	CHECK_EQ(first.closed, 0);
	ws_conn_free(first.conn);
	free(first.text);
	world_end(&w);
}

TEST(a_certificate_that_is_wrong_or_old_does_not_replace_a_good_one)
{
	static const char *const wrong[][2] = { { "six.pem", "good.pem" },
		{ "client.key", "good.key" }, { "other.key", "good.pem" } };
	struct world w;

	world_start_tls(&w, "good");
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		copy(&w, wrong[i][1], "kept");
		copy(&w, wrong[i][0], wrong[i][1]);
		CHECK_ERR(ws_certificates_renew(w.server), KK_EIO);
		copy(&w, "kept", wrong[i][1]);
	}
	copy(&w, "old.pem", "good.pem");
	copy(&w, "old.key", "good.key");
	CHECK_ERR(ws_certificates_renew(w.server), KK_EEXPIRED);
	client_again(&w, "site");
	WAIT_FOR(&w, w.at_client.opened == 1);
	CHECK_EQ(w.at_client.closed, 0);
	world_end(&w);
}
