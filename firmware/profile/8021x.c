/*
 * 8021x.c - a network that asks who we are, as wpa_supplicant.conf(5) says it.
 *
 * The key and its certificate stand in the folder in which konklave-port(8)
 * starts wpa_supplicant: that of its unit's credentials.
 */
#include "profile/files_private.h"

/* In hexadecimal digits nothing in it can end it. */
static void hex_add(struct profile_text *t, const char *value)
{
	for (; *value; value++)
		profile_text_add(t, "%02x", (unsigned)(unsigned char)*value);
}

/* All of these names are looked for, each as a whole. */
static void servers_add(struct profile_text *t, const struct profile *p)
{
	const size_t first = t->at;

	profile_text_add_list(t, p->values[PROFILE_8021X_SERVER], ";", "");
	if (t->at > first)
		t->data[first] = '"';
	profile_text_add(t, "\"");
}

void profile_8021x_make(struct profile_text *t, const struct profile *p)
{
	if (!profile_has(p, PROFILE_8021X))
		return;
	profile_text_add(t,
	    "ap_scan=0\n"
	    "network={\n"
	    "key_mgmt=IEEE8021X\n"
	    "eapol_flags=0\n"
	    "eap=TLS\n"
	    "identity=");
	hex_add(t,
	    profile_has(p, PROFILE_8021X_IDENTITY) ?
		p->values[PROFILE_8021X_IDENTITY] :
		p->values[PROFILE_NAME]);
	profile_text_add(t,
	    "\nca_cert=\"/run/konklave/config/8021x-anchors.pem\"\n"
	    "domain_match=");
	servers_add(t, p);
	profile_text_add(t,
	    "\nclient_cert=\"port.pem\"\n"
	    "private_key=\"port.key\"\n"
	    "phase1=\"tls_disable_tlsv1_0=1 tls_disable_tlsv1_1=1\"\n"
	    "}\n");
}
