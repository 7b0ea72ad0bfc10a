/* files.c - what a profile is in the files of those who work by it. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "profile/files.h"

#define TOKEN                              \
	"00112233445566778899aabbccddeeff" \
	"102132435465768798A9BACBDCEDFE0F"
#define PEM                             \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIB\n"                        \
	"-----END CERTIFICATE-----\n"

struct made {
	struct profile profile;
	struct profile_files files;
};

static void make(struct made *m, const char *text)
{
	struct profile_problem problem;

	CHECK_OK(profile_parse(&m->profile, kk_view_text(text), &problem));
	CHECK_OK(profile_check(&m->profile, &problem));
	CHECK_OK(profile_files_make(&m->profile, &m->files));
}

static void is(const struct made *m, enum profile_file_name name,
    const char *text)
{
	const struct kk_bytes *file = &m->files.file[name];

	if (!kk_view_equal(kk_bytes_view(file), kk_view_text(text)))
		tap_diag("%s:\n%.*s", profile_file_path(name), (int)file->bytes,
		    (const char *)file->data);
	CHECK(kk_view_equal(kk_bytes_view(file), kk_view_text(text)));
}

static void is_not_there(const struct made *m, enum profile_file_name name)
{
	CHECK_EQ(m->files.file[name].bytes, 0);
}

#define MATCH "[Match]\nType=ether\nKind=!*\n\n[Link]\nRequiredForOnline=no\n\n"
#define LLDP "[Network]\nLLDP=no\nEmitLLDP=no\n"

TEST(a_name_alone_is_dhcp_and_nothing_of_a_site)
{
	struct made m;

	make(&m, "name = Room 4\n");
	is(&m, PROFILE_FILE_NETWORK,
	    MATCH LLDP "DHCP=yes\n\n[DHCPv4]\n\n[DHCPv6]\n");
	is(&m, PROFILE_FILE_KEYD, "KEYD_NAME=\"Room 4\"\n");
	is(&m, PROFILE_FILE_MEDIAD, "MEDIAD_NAME=\"Room 4\"\n");
	is_not_there(&m, PROFILE_FILE_VLAN);
	is_not_there(&m, PROFILE_FILE_VLAN_NETWORK);
	is_not_there(&m, PROFILE_FILE_TIME);
	is_not_there(&m, PROFILE_FILE_ROOMD);
	is_not_there(&m, PROFILE_FILE_WEBD);
	is_not_there(&m, PROFILE_FILE_ANCHORS);
	for (unsigned i = PROFILE_FILE_LINES_KEYD; i < PROFILE_FILES; i++)
		is_not_there(&m, (enum profile_file_name)i);
	profile_files_clear(&m.files);
}

TEST(a_static_network_is_what_was_said_and_asks_for_no_lease)
{
	struct made m;

	make(&m,
	    "name=A\nnetwork=static\naddress=192.0.2.10/24\n"
	    "gateway=192.0.2.1\ndns=192.0.2.53, 2001:db8::53\n");
	is(&m, PROFILE_FILE_NETWORK,
	    MATCH LLDP "DHCP=no\nAddress=192.0.2.10/24\nGateway=192.0.2.1\n"
		       "DNS=192.0.2.53\nDNS=2001:db8::53\n");
	profile_files_clear(&m.files);
}

TEST(a_vlan_has_the_addresses_and_its_wire_has_none)
{
	struct made m;

	make(&m, "name=A\nvlan=12\n");
	is(&m, PROFILE_FILE_NETWORK,
	    MATCH LLDP "VLAN=site\nDHCP=no\nLinkLocalAddressing=no\n"
		       "IPv6AcceptRA=no\n");
	is(&m, PROFILE_FILE_VLAN,
	    "[NetDev]\nName=site\nKind=vlan\n\n[VLAN]\nId=12\n");
	is(&m, PROFILE_FILE_VLAN_NETWORK,
	    "[Match]\nName=site\n\n[Link]\nRequiredForOnline=no\n\n" LLDP
	    "DHCP=yes\n\n[DHCPv4]\n\n[DHCPv6]\n");
	profile_files_clear(&m.files);
}

TEST(a_site_that_names_servers_of_names_and_time_has_no_others)
{
	struct made m;

	make(&m, "name=A\ndns=192.0.2.53\ntime=ntp.example\n");
	is(&m, PROFILE_FILE_NETWORK,
	    MATCH LLDP "DHCP=yes\nDNS=192.0.2.53\n\n[DHCPv4]\nUseDNS=no\n"
		       "UseNTP=no\n\n[DHCPv6]\nUseDNS=no\nUseNTP=no\n\n"
		       "[IPv6AcceptRA]\nUseDNS=no\n");
	is(&m, PROFILE_FILE_TIME, "[Time]\nNTP=ntp.example\nFallbackNTP=\n");
	profile_files_clear(&m.files);
}

TEST(a_box_looks_for_updates_where_its_site_says_and_else_nowhere)
{
	struct made m;

	make(&m,
	    "name=A\nupdates=https://u.example:8443/k/index.txt\n"
	    "proxy=http://u:p@p.example:3128\nno-proxy=a, .b.example\n"
	    "[anchors]\n" PEM);
	is(&m, PROFILE_FILE_FETCH,
	    "FETCH_OPTIONS=\" --source=https://u.example:8443/k/index.txt "
	    "--proxy=/run/credentials/konklave-fetch.service/"
	    "konklave-fetch.proxy --no-proxy=a,.b.example, "
	    "--trust=/run/konklave/config/anchors.pem\"\n");
	is(&m, PROFILE_FILE_FETCH_PROXY, "http://u:p@p.example:3128\n");
	CHECK(profile_file_is_secret(PROFILE_FILE_FETCH_PROXY));
	is(&m, PROFILE_FILE_UPDATES, "https://u.example:8443/k/index.txt\n");
	profile_files_clear(&m.files);
	make(&m, "name=A\n[anchors]\n" PEM);
	is(&m, PROFILE_FILE_FETCH,
	    "FETCH_OPTIONS=\" --trust=/run/konklave/config/anchors.pem\"\n");
	is_not_there(&m, PROFILE_FILE_FETCH_PROXY);
	is_not_there(&m, PROFILE_FILE_UPDATES);
	profile_files_clear(&m.files);
	make(&m, "name=A\n");
	is_not_there(&m, PROFILE_FILE_FETCH);
	is_not_there(&m, PROFILE_FILE_UPDATES);
	profile_files_clear(&m.files);
}

TEST(a_site_has_its_server_anchors_and_token)
{
	static const uint8_t token[32] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
		0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
		0x10, 0x21, 0x32, 0x43, 0x54, 0x65, 0x76, 0x87, 0x98, 0xa9,
		0xba, 0xcb, 0xdc, 0xed, 0xfe, 0x0f };
	struct made m;

	make(&m,
	    "name=A\nsite=Berlin\nlanguage=de\nforwarder=https://sfu.example\n"
	    "page=https://meet.example:8443\ntoken=" TOKEN "\n[anchors]\n" PEM);
	is(&m, PROFILE_FILE_ROOMD,
	    "ROOMD_SERVER=\"--server=sfu.example:443 "
	    "--trust=/run/konklave/config/anchors.pem "
	    "--site-token=/run/credentials/roomd.service/roomd.site-token "
	    "--page=https://meet.example:8443\"\n");
	is(&m, PROFILE_FILE_ANCHORS, PEM);
	is(&m, PROFILE_FILE_KEYD,
	    "KEYD_NAME=\"A\"\n"
	    "KEYD_TRUST=--trust=/run/konklave/config/anchors.pem\n");
	is(&m, PROFILE_FILE_MEDIAD, "MEDIAD_NAME=\"A\"\nLANG=de\n");
	is(&m, PROFILE_FILE_WEBD, "WEBD_SITE=\"Berlin\"\n");
	CHECK_EQ(m.files.file[PROFILE_FILE_TOKEN].bytes, sizeof(token));
	CHECK_MEM(m.files.file[PROFILE_FILE_TOKEN].data, token, sizeof(token));
	profile_files_clear(&m.files);
}

/* --- 802.1X --------------------------------------------------------------- */

#define OTHER_PEM                       \
	"-----BEGIN CERTIFICATE-----\n" \
	"MIIC\n"                        \
	"-----END CERTIFICATE-----\n"
#define PORT(identity, servers)                                              \
	"ap_scan=0\nnetwork={\nkey_mgmt=IEEE8021X\neapol_flags=0\neap=TLS\n" \
	"identity=" identity "\n"                                            \
	"ca_cert=\"/run/konklave/config/8021x-anchors.pem\"\n"               \
	"domain_match=\"" servers "\"\n"                                     \
	"client_cert=\"port.pem\"\nprivate_key=\"port.key\"\n"               \
	"phase1=\"tls_disable_tlsv1_0=1 tls_disable_tlsv1_1=1\"\n}\n"

TEST(a_network_that_asks_who_we_are_is_told_our_name)
{
	struct made m;

	make(&m, "name=A\"\n8021x=eap-tls\n8021x-server=r\n[anchors]\n" PEM);
	is(&m, PROFILE_FILE_8021X, PORT("4122", "r"));
	is(&m, PROFILE_FILE_8021X_ANCHORS, PEM);
	profile_files_clear(&m.files);
}

TEST(a_networks_own_anchors_are_no_one_elses)
{
	struct made m;

	make(&m,
	    "name=A\n8021x=eap-tls\n8021x-identity=b@c\n"
	    "8021x-server=r.example, s.example\n"
	    "[8021x-anchors]\n" OTHER_PEM "[anchors]\n" PEM);
	is(&m, PROFILE_FILE_8021X, PORT("624063", "r.example;s.example"));
	is(&m, PROFILE_FILE_8021X_ANCHORS, OTHER_PEM);
	is(&m, PROFILE_FILE_ANCHORS, PEM);
	profile_files_clear(&m.files);
}

/* --- the proxy ------------------------------------------------------------ */

TEST(a_proxy_is_told_to_who_calls_the_forwarder)
{
	struct made m;

	make(&m, "name=A\nforwarder=https://f\nproxy=http://u:p@proxy:3128\n");
	is(&m, PROFILE_FILE_ROOMD,
	    "ROOMD_SERVER=\"--server=f:443 "
	    "--proxy=/run/credentials/roomd.service/roomd.proxy\"\n");
	is(&m, PROFILE_FILE_PROXY, "http://u:p@proxy:3128\n");
	profile_files_clear(&m.files);
	make(&m,
	    "name=A\nforwarder=https://f\nproxy=http://u:p@proxy:3128\n"
	    "no-proxy=f\n");
	is(&m, PROFILE_FILE_ROOMD, "ROOMD_SERVER=\"--server=f:443\"\n");
	is_not_there(&m, PROFILE_FILE_PROXY);
	profile_files_clear(&m.files);
}

#define TOKEN_URI "pkcs11:token=Room%204;serial=1?module-path=/usr/lib/t.so"

TEST(the_box_s_key_is_where_the_profile_says_and_else_in_a_file)
{
	struct made m;

	make(&m, "name=A\nforwarder=https://f\nlines=1\nkeys=tpm\n");
	is(&m, PROFILE_FILE_KEYD,
	    "KEYD_NAME=\"A\"\nKEYD_OPTIONS=\"--keystore=tpm2\"\n");
	is(&m, PROFILE_FILE_LINES_KEYD,
	    "KEYD_NAME=\"Lines of A\"\nKEYD_OPTIONS=--keystore=tpm2\n");
	is_not_there(&m, PROFILE_FILE_KEYSTORE_PIN);
	profile_files_clear(&m.files);
	make(&m, "name=A\nkeys=file\n");
	is(&m, PROFILE_FILE_KEYD,
	    "KEYD_NAME=\"A\"\nKEYD_OPTIONS=\"--keystore=file\"\n");
	profile_files_clear(&m.files);
	make(&m,
	    "name=A\nforwarder=https://f\nlines=1\nkeys=" TOKEN_URI
	    "\nkeys-pin=\"1 2$\n");
	is(&m, PROFILE_FILE_KEYD,
	    "KEYD_NAME=\"A\"\nKEYD_OPTIONS=\"--keystore=" TOKEN_URI
	    " --pin=/run/credentials/keyd.service/keyd.token-pin\"\n");
	is(&m, PROFILE_FILE_KEYSTORE_PIN, "\"1 2$\n");
	/* Two members of a meeting never have one key. */
	is(&m, PROFILE_FILE_LINES_KEYD, "KEYD_NAME=\"Lines of A\"\n");
	profile_files_clear(&m.files);
}

/* --- the room's devices --------------------------------------------------- */

TEST(devices_are_chosen_by_words_that_a_unit_s_file_cannot_mistake)
{
	struct made m;

	make(&m, "name=A\nlanguage=de\ncamera=\"HD $Pro\" \\C920\n");
	is(&m, PROFILE_FILE_MEDIAD,
	    "MEDIAD_NAME=\"A\"\nLANG=de\n"
	    "MEDIAD_CHOSEN=\" --camera=v4l2:auto:-HD--Pro---C920\"\n");
	profile_files_clear(&m.files);
	make(&m,
	    "name=A\ncamera=none\nmicrophone=auto\nloudspeaker=Büro: HDMI 0\n"
	    "screen-size=1280x720\n");
	is(&m, PROFILE_FILE_MEDIAD,
	    "MEDIAD_NAME=\"A\"\n"
	    "MEDIAD_CHOSEN=\" --camera=none --microphone=alsa:auto "
	    "--loudspeaker=alsa:auto:Büro--HDMI-0 --size=1280x720\"\n");
	profile_files_clear(&m.files);
}

/* --- telephone lines ------------------------------------------------------ */

#define MD5 "00112233445566778899aabbccddeeff"

TEST(lines_have_all_that_their_four_programs_read)
{
	struct made m;

	make(&m,
	    "name=A\nlanguage=de\nforwarder=https://f\nlines=4\n"
	    "dial-in=4711\ndial-pin=123456\ndial-prefixes=030, +49\n"
	    "talk-minutes=60\nsrtp=require\ncalls-from=trunks\ncallers=none\n"
	    "exchange=sip:pbx:5071;transport=tls\nexchange-spare=sip:b\n"
	    "exchange-user=u\nexchange-login=l\nexchange-password=p w\n"
	    "telephones=box\n[anchors]\n" PEM
	    "[telephones]\n# desks\n desk  " MD5 "\t" TOKEN "\nlab " MD5);
	is(&m, PROFILE_FILE_LINES_KEYD,
	    "KEYD_NAME=\"Lines of A\"\n"
	    "KEYD_TRUST=--trust=/run/konklave/config/anchors.pem\n");
	is(&m, PROFILE_FILE_LINES_ROOMD,
	    "ROOMD_SERVER=\"--server=f:443 "
	    "--trust=/run/konklave/config/anchors.pem\"\n"
	    "ROOMD_LINES=\"--lines=4 "
	    "--dial-in=/run/credentials/lines-roomd.service/"
	    "lines-roomd.dial-in --dial-prefix=030 --dial-prefix=+49 "
	    "--talk-minutes=60\"\n");
	is(&m, PROFILE_FILE_MIXD, "MIXD_LINES=--lines=4\n");
	is(&m, PROFILE_FILE_LINED,
	    "LINED_OPTIONS=\"--lines=4 --listen=udp:0.0.0.0:5060 "
	    "--listen=tcp:0.0.0.0:5060 --listen=tls:0.0.0.0:5061 "
	    "--certificate=/run/konklave/config/sip --language=de "
	    "--srtp=require --calls-from=trunks --numbers=none "
	    "--talk-minutes=60 --may-call=030 --may-call=+49 "
	    "--trunk=/run/credentials/lined.service/lined.trunk --domain=box "
	    "--accounts=/run/credentials/lined.service/lined.accounts\"\n");
	is(&m, PROFILE_FILE_SIP_ANCHORS, PEM);
	is(&m, PROFILE_FILE_DIAL_IN, "4711 123456\n");
	is(&m, PROFILE_FILE_TRUNK,
	    "domain=pbx\nserver=sip:pbx:5071;transport=tls\nserver=sip:b\n"
	    "user=u\nauth-user=l\npassword=p w\n");
	is(&m, PROFILE_FILE_ACCOUNTS, "desk " MD5 " " TOKEN "\nlab " MD5 "\n");
	profile_files_clear(&m.files);
}

TEST(lines_alone_are_there_for_calls_between_telephones_and_people)
{
	struct made m;

	make(&m,
	    "name=A\nnetwork=static\naddress=2001:db8::1/64\n"
	    "forwarder=https://f\nlines=1\n");
	is(&m, PROFILE_FILE_LINED,
	    "LINED_OPTIONS=\"--lines=1 --listen=udp:[::]:5060 "
	    "--listen=tcp:[::]:5060\"\n");
	is(&m, PROFILE_FILE_LINES_ROOMD,
	    "ROOMD_SERVER=\"--server=f:443\"\nROOMD_LINES=\"--lines=1\"\n");
	is_not_there(&m, PROFILE_FILE_DIAL_IN);
	is_not_there(&m, PROFILE_FILE_TRUNK);
	is_not_there(&m, PROFILE_FILE_ACCOUNTS);
	is_not_there(&m, PROFILE_FILE_SIP_ANCHORS);
	profile_files_clear(&m.files);
}

TEST(the_name_of_lines_ends_before_a_letter_that_has_no_room)
{
	static const char rest[] = "\nforwarder=https://f\nlines=1\n";
	char text[PROFILE_VALUE_MAX + 64] = "name=";
	struct made m;

	for (size_t i = 0; i < PROFILE_VALUE_MAX / 2; i++)
		memcpy(text + 5 + 2 * i, "ü", 2);
	memcpy(text + 5 + PROFILE_VALUE_MAX - 1, rest, sizeof(rest));
	make(&m, text);
	/* 9 letters and 123 of two bytes are 255. */
	CHECK_EQ(m.files.file[PROFILE_FILE_LINES_KEYD].bytes,
	    strlen("KEYD_NAME=\"Lines of \"\n") + 246);
	profile_files_clear(&m.files);
}

TEST(a_server_keeps_its_port_and_a_v6_address_its_brackets)
{
	struct made m;

	make(&m, "name=A\nforwarder=https://[2001:db8::1]\n");
	is(&m, PROFILE_FILE_ROOMD,
	    "ROOMD_SERVER=\"--server=[2001:db8::1]:443\"\n");
	profile_files_clear(&m.files);
	make(&m, "name=A\nforwarder=https://[2001:db8::1]:8443\n");
	is(&m, PROFILE_FILE_ROOMD,
	    "ROOMD_SERVER=\"--server=[2001:db8::1]:8443\"\n");
	profile_files_clear(&m.files);
}

TEST(a_name_says_nothing_but_itself_in_an_environment)
{
	struct made m;

	make(&m, "name = \"A\" $B `c` \\d\n");
	is(&m, PROFILE_FILE_KEYD,
	    "KEYD_NAME=\"\\\"A\\\" \\$B \\`c\\` \\\\d\"\n");
	profile_files_clear(&m.files);
}

TEST(the_longest_values_have_room)
{
	char text[2048], name[PROFILE_VALUE_MAX + 1], host[241];
	struct made m;

	memset(name, '"', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memset(host, 'a', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	(void)snprintf(text, sizeof(text),
	    "name = %s\nforwarder = https://%s\n", name, host);
	make(&m, text);
	CHECK_EQ(m.files.file[PROFILE_FILE_KEYD].bytes,
	    strlen("KEYD_NAME=\"\"\n") + 2 * PROFILE_VALUE_MAX);
	CHECK_EQ(m.files.file[PROFILE_FILE_ROOMD].bytes,
	    strlen("ROOMD_SERVER=\"--server=:443\"\n") + 240);
	profile_files_clear(&m.files);
}

TEST(what_is_a_secret_is_kept_as_one)
{
	for (unsigned i = 0; i < PROFILE_FILES; i++)
		CHECK_EQ(profile_file_is_secret((enum profile_file_name)i),
		    i == PROFILE_FILE_TOKEN || i == PROFILE_FILE_PROXY ||
			i == PROFILE_FILE_FETCH_PROXY ||
			i == PROFILE_FILE_KEYSTORE_PIN ||
			i == PROFILE_FILE_DIAL_IN || i == PROFILE_FILE_TRUNK ||
			i == PROFILE_FILE_ACCOUNTS);
}

TEST(making_files_without_memory_makes_none)
{
	struct made m;
	enum kk_err err;

	make(&m,
	    "name=A\nsite=B\nvlan=3\ntime=t\nforwarder=https://f\nlines=1\n"
	    "8021x=eap-tls\n8021x-server=r\ntelephones=b\n"
	    "keys=" TOKEN_URI "\nkeys-pin=1\n[telephones]\nu " MD5
	    "\n[anchors]\n" PEM);
	profile_files_clear(&m.files);
	ALLOC_FAULT_LOOP(err, profile_files_make(&m.profile, &m.files));
	CHECK_OK(err);
	profile_files_clear(&m.files);
}
