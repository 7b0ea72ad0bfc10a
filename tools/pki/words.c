/* words.c - what people read, in English and German. */
#define _GNU_SOURCE /* fmemopen() */
#include "tools/pki/words.h"

#include "program/words.h"
#include "tools/pki/pki.h"

/* {1} and {2} are replaced by pki_tell()'s values. */
static const char *const words[PKI_WORDS][2] = {
	[PKI_ASK_NEW] = { "New passphrase for the CA's key:",
	    "Neue Passphrase für den Schlüssel der CA:" },
	[PKI_ASK_AGAIN] = { "The same again:", "Noch einmal dieselbe:" },
	[PKI_ASK_PASSPHRASE] = { "Passphrase of the CA's key:",
	    "Passphrase für den Schlüssel der CA:" },
	[PKI_ASK_PIN] = { "PIN of the token:", "PIN des Tokens:" },
	[PKI_ASK_SURE] = { "Is all of this right? (yes/no)",
	    "Stimmt das alles? (ja/nein)" },
	[PKI_TELL_MADE] = { "The CA of {1} is in {2}.",
	    "Die CA von {1} ist in {2}." },
	[PKI_TELL_NEXT] = { "Next: copy {1} to a second medium and lock both "
			    "away; give {1}/ca.pem and {1}/crl.pem to each "
			    "box.",
	    "Als Nächstes: {1} auf ein zweites Medium kopieren und beide "
	    "wegschließen; {1}/ca.pem und {1}/crl.pem jeder Box geben." },
	[PKI_TELL_KIND] = { "  kind         {1}", "  Art          {1}" },
	[PKI_TELL_NAME] = { "  name         {1}", "  Name         {1}" },
	[PKI_TELL_SAN] = { "  also         {1}", "  auch         {1}" },
	[PKI_TELL_KEY] = { "  key          {1}", "  Schlüssel    {1}" },
	[PKI_TELL_UNTIL] = { "  until        {1}", "  bis          {1}" },
	[PKI_TELL_FROM] = { "  issued       {1}", "  ausgestellt  {1}" },
	[PKI_TELL_SERIAL] = { "  serial       {1}", "  Seriennr.    {1}" },
	[PKI_TELL_STATE] = { "  state        {1}", "  Zustand      {1}" },
	[PKI_TELL_COMPARE] = { "Compare the key with what the box or person "
			       "tells.",
	    "Vergleichen Sie den Schlüssel mit dem, den die Box oder Person "
	    "nennt." },
	[PKI_TELL_ISSUED] = { "Issued: {1}", "Ausgestellt: {1}" },
	[PKI_TELL_CARRY] = { "Carry {1} back to where the request came from.",
	    "Bringen Sie {1} dorthin, woher der Antrag kam." },
	[PKI_TELL_REVOKED] = { "Revoked: {1}", "Widerrufen: {1}" },
	[PKI_TELL_CRL] = { "crl.pem is list {1}, good until {2}. Give it to "
			   "each box.",
	    "crl.pem ist Liste {1}, gültig bis {2}. Geben Sie sie jeder "
	    "Box." },
	[PKI_TELL_CRL_OLD] = { "crl.pem ran out on {1}: make the next with "
			       "konklave-pki crl.",
	    "crl.pem ist am {1} abgelaufen: Machen Sie die nächste mit "
	    "konklave-pki crl." },
	[PKI_TELL_CRL_BEHIND] = { "crl.pem does not have all that is revoked: "
				  "make the next with konklave-pki crl.",
	    "In crl.pem fehlt, was zuletzt widerrufen wurde: Machen Sie die "
	    "nächste mit konklave-pki crl." },
	[PKI_TELL_SOON] = { "{1} of these end within 60 days and are not "
			    "renewed yet: konklave-pki renew.",
	    "{1} davon enden in den nächsten 60 Tagen und sind noch nicht "
	    "erneuert: konklave-pki renew." },
	[PKI_TELL_GOOD] = { "{1} is good.", "{1} ist gültig." },
	[PKI_TELL_NONE] = { "Nothing was issued yet.",
	    "Noch wurde nichts ausgestellt." },
	[PKI_TELL_SITE] = { "CA of {1}", "CA von {1}" },

	[PKI_BAD_FOLDER] = { "{1} is no CA's folder. Name it with --ca=FOLDER, "
			     "or make one with konklave-pki init.",
	    "{1} ist kein Ordner einer CA. Nennen Sie ihn mit --ca=ORDNER, "
	    "oder machen Sie einen mit konklave-pki init." },
	[PKI_BAD_OPEN] = { "{1} cannot be opened: {2}",
	    "{1} lässt sich nicht öffnen: {2}" },
	[PKI_BAD_EXISTS] = { "{1} is there already and not empty. Choose "
			     "another folder.",
	    "{1} gibt es schon, und es ist nicht leer. Wählen Sie einen "
	    "anderen Ordner." },
	[PKI_BAD_INDEX] = { "index.txt is wrong in line {1}: {2}. Nothing was "
			    "changed. Take the folder's last copy.",
	    "index.txt ist in Zeile {1} falsch: {2}. Nichts wurde geändert. "
	    "Nehmen Sie die letzte Kopie des Ordners." },
	[PKI_BAD_READ] = { "{1} cannot be read: {2}",
	    "{1} lässt sich nicht lesen: {2}" },
	[PKI_BAD_WRITE] = { "{1} cannot be written: {2}",
	    "{1} lässt sich nicht schreiben: {2}" },
	[PKI_BAD_BUSY] = { "Another konklave-pki works with {1}. Wait until it "
			   "has ended.",
	    "Ein anderes konklave-pki arbeitet mit {1}. Warten Sie, bis es "
	    "fertig ist." },
	[PKI_BAD_CLOCK_UNSET] = { "This PC's clock is not set. Set it, then "
				  "try again.",
	    "Die Uhr dieses PCs ist nicht gestellt. Stellen Sie sie, dann "
	    "versuchen Sie es noch einmal." },
	[PKI_BAD_CLOCK_BACK] = { "The clock says {1}, but the CA was last used "
				 "on {2}. Set the clock, or give "
				 "--clock-is-right.",
	    "Die Uhr sagt {1}, aber die CA wurde zuletzt am {2} benutzt. "
	    "Stellen Sie die Uhr, oder geben Sie --clock-is-right an." },
	[PKI_BAD_CLOCK_FAR] = { "The clock says {1}, and the CA was last used "
				"on {2}, very long ago. Set the clock, or give "
				"--clock-is-right.",
	    "Die Uhr sagt {1}, und die CA wurde zuletzt am {2} benutzt, vor "
	    "sehr langer Zeit. Stellen Sie die Uhr, oder geben Sie "
	    "--clock-is-right an." },
	[PKI_BAD_CA_OVER] = { "It is {1}, and the CA's own certificate has run "
			      "out. Begin a new CA with konklave-pki init.",
	    "Es ist {1}, und das Zertifikat der CA selbst ist abgelaufen. "
	    "Beginnen Sie eine neue CA mit konklave-pki init." },
	[PKI_BAD_SECRET_FILE] = { "{1} does not serve as a file with a secret: "
				  "{2}. It has one line and is closed to "
				  "others (chmod 600).",
	    "{1} taugt nicht als Datei mit einem Geheimnis: {2}. Sie hat eine "
	    "Zeile und ist für andere verschlossen (chmod 600)." },
	[PKI_BAD_NO_TERMINAL] = { "No terminal to ask at. Give "
				  "--passphrase-file or --pin-file.",
	    "Kein Terminal zum Fragen da. Geben Sie --passphrase-file oder "
	    "--pin-file an." },
	[PKI_BAD_SHORT] = { "The passphrase is too short: {1} characters at "
			    "least.",
	    "Die Passphrase ist zu kurz: mindestens {1} Zeichen." },
	[PKI_BAD_DIFFER] = { "The two are not the same. Nothing was made.",
	    "Die beiden sind nicht gleich. Nichts wurde angelegt." },
	[PKI_BAD_PASSPHRASE] = { "Wrong passphrase. Nothing was changed.",
	    "Falsche Passphrase. Nichts wurde geändert." },
	[PKI_BAD_KEY_FILE] = { "{1} is no P-384 key under a passphrase: {2}. "
			       "Take the folder's last copy.",
	    "{1} ist kein P-384-Schlüssel unter einer Passphrase: {2}. Nehmen "
	    "Sie die letzte Kopie des Ordners." },
	[PKI_BAD_KEY_OTHER] = { "The key is not the one of ca.pem. Take the "
				"right token, or the folder's last copy.",
	    "Der Schlüssel ist nicht der von ca.pem. Nehmen Sie das richtige "
	    "Token oder die letzte Kopie des Ordners." },
	[PKI_BAD_TOKEN_GONE] = { "The token is not there: {1}. Insert it, then "
				 "try again.",
	    "Das Token ist nicht da: {1}. Stecken Sie es ein, dann versuchen "
	    "Sie es noch einmal." },
	[PKI_BAD_PIN] = { "Wrong PIN. Mind: the token locks itself after a few "
			  "of them.",
	    "Falsche PIN. Achtung: Nach einigen davon sperrt sich das "
	    "Token." },
	[PKI_BAD_PIN_LOCKED] = { "The token is locked, or one wrong PIN "
				 "away from it. Log in or unlock it with its "
				 "maker's tool.",
	    "Das Token ist gesperrt, oder eine falsche PIN davor. Melden Sie "
	    "sich mit dem Werkzeug des Herstellers an oder entsperren Sie "
	    "es." },
	[PKI_BAD_TOKEN] = { "The token does not do it: {1} ({2})",
	    "Das Token kann es nicht: {1} ({2})" },
	[PKI_BAD_TOKEN_BUILD] = { "This build knows no tokens "
				  "(KK_KEYSTORE_PKCS11).",
	    "Dieser Bau kennt keine Tokens (KK_KEYSTORE_PKCS11)." },
	[PKI_BAD_NAME] = { "{1}: a name of 1 to 64 bytes is needed, without "
			   "control characters.",
	    "{1}: Nötig ist ein Name von 1 bis 64 Bytes, ohne "
	    "Steuerzeichen." },
	[PKI_BAD_SAN] = { "{1} is not DNS:NAME, IP:ADDRESS or email:ADDRESS.",
	    "{1} ist nicht DNS:NAME, IP:ADRESSE oder email:ADRESSE." },
	[PKI_BAD_KIND] = { "{1}: it is box, person, recorder, server or "
			   "update.",
	    "{1}: Möglich sind box, person, recorder, server und update." },
	[PKI_BAD_REASON] = { "{1}: it is --reason=unspecified, keyCompromise, "
			     "superseded, affiliationChanged or "
			     "cessationOfOperation.",
	    "{1}: Möglich sind --reason=unspecified, keyCompromise, "
	    "superseded, affiliationChanged und cessationOfOperation." },
	[PKI_BAD_SERIAL] = { "No certificate begins with {1}. Give 6 digits at "
			     "least; konklave-pki list shows them.",
	    "Kein Zertifikat beginnt mit {1}. Geben Sie mindestens 6 Stellen "
	    "an; konklave-pki list zeigt sie." },
	[PKI_BAD_SERIAL_TWO] = { "Several certificates begin with {1}. Give "
				 "more digits.",
	    "Mehrere Zertifikate beginnen mit {1}. Geben Sie mehr Stellen "
	    "an." },
	[PKI_BAD_REVOKED] = { "{1} is revoked already. konklave-pki crl "
			      "makes the list anew.",
	    "{1} ist schon widerrufen. konklave-pki crl macht die Liste "
	    "neu." },
	[PKI_BAD_NOT_SURE] = { "Not confirmed; nothing was issued. Answer yes, "
			       "or give --fingerprint=HEX or --yes.",
	    "Nicht bestätigt; nichts wurde ausgestellt. Antworten Sie ja, "
	    "oder geben Sie --fingerprint=HEX oder --yes an." },
	[PKI_BAD_FINGERPRINT] = { "The request's key is another one. Nothing "
				  "was issued. Get the request again from the "
				  "box itself.",
	    "Der Schlüssel im Antrag ist ein anderer. Nichts wurde "
	    "ausgestellt. Holen Sie den Antrag noch einmal von der Box "
	    "selbst." },
	[PKI_BAD_RENEW_NAME] = { "The request is for {1}, the certificate for "
				 "{2}. Issue a new one, or give --name.",
	    "Der Antrag ist für {1}, das Zertifikat für {2}. Stellen Sie ein "
	    "neues aus, oder geben Sie --name an." },
	[PKI_BAD_SERVER_NAMES] = { "A server needs a name by which it is "
				   "called. Give --san=DNS:NAME or "
				   "--san=IP:ADDRESS.",
	    "Ein Server braucht einen Namen, unter dem er gerufen wird. Geben "
	    "Sie --san=DNS:NAME oder --san=IP:ADRESSE an." },
	[PKI_BAD_PERSON_NAMES] = { "Alternative names do not go with the kind: "
				   "DNS and IP are for server, email is for "
				   "person.",
	    "Die weiteren Namen passen nicht zur Art: DNS und IP gibt es bei "
	    "server, email bei person." },
	[PKI_BAD_KEY_REVOKED] = { "This key was in {1}, which was revoked as "
				  "compromised. Have a new key made.",
	    "Dieser Schlüssel stand in {1}, das als kompromittiert widerrufen "
	    "ist. Lassen Sie einen neuen Schlüssel machen." },
	[PKI_BAD_CHECK] = { "What was made would not be taken by a box: {1}. "
			    "Nothing was issued.",
	    "Was dabei entstand, nähme keine Box an: {1}. Nichts wurde "
	    "ausgestellt." },
	[PKI_BAD_CERT] = { "{1} is no certificate or list in PEM.",
	    "{1} ist kein Zertifikat und keine Liste in PEM." },
	[PKI_BAD_VERIFY] = { "{1} is not to be trusted: {2}",
	    "{1} ist nicht zu trauen: {2}" },
	[PKI_BAD_MEMORY] = { "Out of memory.", "Zu wenig Speicher." },
	[PKI_BAD_FORM] = { "{1} is no certificate request (PKCS#10, one, in "
			   "PEM or DER).",
	    "{1} ist kein Zertifikatsantrag (PKCS#10, einer, in PEM oder "
	    "DER)." },
	[PKI_BAD_SIGNATURE] = { "{1} is not signed by the key in it. Get it "
				"again.",
	    "{1} ist nicht mit dem Schlüssel darin unterschrieben. Holen Sie "
	    "ihn noch einmal." },
	[PKI_BAD_KEY_KIND] = { "{1}: the key is neither P-256 nor P-384. Have "
			       "another made.",
	    "{1}: Der Schlüssel ist weder P-256 noch P-384. Lassen Sie einen "
	    "anderen machen." },
	[PKI_BAD_COMMON_NAME] = { "{1}: one common name is needed, of 64 bytes "
				  "at most and without control characters.",
	    "{1}: Nötig ist ein Name (CN), höchstens 64 Bytes lang und ohne "
	    "Steuerzeichen." },
	[PKI_BAD_ALT_NAME] = { "{1}: an alternative name is none of host "
			       "(without *), address and e-mail, or malformed.",
	    "{1}: Ein weiterer Name ist weder Host (ohne *) noch Adresse noch "
	    "E-Mail, oder falsch geschrieben." },
	[PKI_BAD_WANTS_CA] = { "{1} asks to be a CA. A site has one.",
	    "{1} will eine CA sein. Eine Site hat eine." },
	[PKI_BAD_NO_MEMORY] = { "{1}: out of memory.",
	    "{1}: zu wenig Speicher." },
};

const char *pki_word(bool is_german, enum pki_word word)
{
	return words[word][is_german];
}

static void put(FILE *out, const struct pki *p, enum pki_word word,
    const char *one, const char *two)
{
	program_say(out, pki_word(p->is_german, word),
	    (const char *const[]){ one, two, NULL });
}

void pki_tell(const struct pki *p, enum pki_word word, const char *one,
    const char *two)
{
	put(stdout, p, word, one, two);
}

/* The log is one language's: its readers search in it. */
static void note(struct pki *p, enum pki_word word, const char *one,
    const char *two)
{
	FILE *out = fmemopen(p->note, sizeof(p->note) - 1, "w");
	const struct pki english = { .is_german = false };

	p->note[sizeof(p->note) - 1] = '\0';
	if (!out)
		return;
	put(out, &english, word, one, two);
	(void)fclose(out);
	for (char *c = p->note; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = c[1] ? '?' : '\0';
}

enum kk_err pki_fail(struct pki *p, enum pki_exit status, enum pki_word word,
    const char *one, const char *two)
{
	p->exit = status;
	(void)fflush(stdout);
	(void)fputs("konklave-pki: ", stderr);
	put(stderr, p, word, one, two);
	note(p, word, one, two);
	return KK_EPOLICY;
}
