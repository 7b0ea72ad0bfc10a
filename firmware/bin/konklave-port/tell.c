/* tell.c - how a port stands, in words. */
#include <string.h>

#include "event.h"

static const struct {
	const char *name, *english, *german;
} states[PORT_STATES] = {
	[PORT_STARTING] = { "starting",
	    "nothing was heard of the network's server yet",
	    "vom Server des Netzes war noch nichts zu hören" },
	[PORT_ASKED] = { "asked", "the network asks who this box is",
	    "das Netz fragt, wer dieses Gerät ist" },
	[PORT_OPEN] = { "open", "the network knows this box",
	    "das Netz kennt dieses Gerät" },
	[PORT_NO_ANSWER] = { "no-answer",
	    "no answer: nobody asks by 802.1X on this port; look at the "
	    "switch, or remove 8021x from the profile",
	    "keine Antwort: an diesem Anschluss fragt niemand nach 802.1X; "
	    "Switch prüfen oder 8021x aus dem Profil nehmen" },
	[PORT_SERVER_UNTRUSTED] = { "server-untrusted",
	    "the network's server has a certificate of a CA that the profile "
	    "does not have: look at [8021x-anchors]",
	    "der Server des Netzes hat ein Zertifikat einer CA, die nicht im "
	    "Profil steht: [8021x-anchors] prüfen" },
	[PORT_SERVER_NAME] = { "server-name",
	    "the network's server has another name than 8021x-server in the "
	    "profile",
	    "der Server des Netzes heißt anders als 8021x-server im Profil" },
	[PORT_SERVER_DATE] = { "server-date",
	    "the certificate of the network's server is over or not good yet, "
	    "or this box's clock is wrong",
	    "das Zertifikat des Servers des Netzes ist abgelaufen oder noch "
	    "nicht gültig, oder die Uhr dieses Geräts geht falsch" },
	[PORT_SERVER_BAD] = { "server-bad",
	    "the certificate of the network's server is wrong (its purpose, "
	    "key or signature)",
	    "das Zertifikat des Servers des Netzes ist falsch (Zweck, "
	    "Schlüssel oder Unterschrift)" },
	[PORT_OURS_DATE] = { "own-date",
	    "this box's certificate is over or not good yet: it needs a new "
	    "one (konklave-port request)",
	    "das Zertifikat dieses Geräts ist abgelaufen oder noch nicht "
	    "gültig: es braucht ein neues (konklave-port request)" },
	[PORT_OURS_UNKNOWN] = { "own-unknown",
	    "the network does not know the CA of this box's certificate",
	    "das Netz kennt die CA des Zertifikats dieses Geräts nicht" },
	[PORT_REFUSED] = { "refused",
	    "the network refuses this box, its identity or its certificate: "
	    "ask who runs the network",
	    "das Netz weist dieses Gerät, seinen Namen oder sein Zertifikat "
	    "ab: den Betreiber des Netzes fragen" },
	[PORT_UNUSABLE] = { "unusable",
	    "this box's key, its certificate or the anchors cannot be used: "
	    "they have to be made or given again",
	    "Schlüssel, Zertifikat oder Vertrauensanker dieses Geräts sind "
	    "nicht zu benutzen: sie sind neu zu machen oder zu geben" },
	[PORT_NO_CERTIFICATE] = { "no-certificate",
	    "this box has no certificate for the network yet: konklave-port "
	    "request",
	    "dieses Gerät hat noch kein Zertifikat für das Netz: konklave-port "
	    "request" },
};

const char *port_state_name(enum port_state state)
{
	return (unsigned)state < PORT_STATES ? states[state].name : "?";
}

const char *port_state_text(enum port_state state, bool is_german)
{
	if ((unsigned)state >= PORT_STATES)
		return "?";
	return is_german ? states[state].german : states[state].english;
}

enum port_state port_state_of(struct kk_view name)
{
	unsigned i = 0;

	while (i < PORT_STATES &&
	    !kk_view_equal(name, kk_view_text(states[i].name)))
		i++;
	return (enum port_state)i;
}
