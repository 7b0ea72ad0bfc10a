/* commands.c - the program, as people and scripts use it. */
#include <stdio.h>
#include <string.h>

#include "site.h"

#define SERIAL                               \
	"serial=$($pki list --json $with | " \
	"sed 's/.*\"serial\":\"\\([0-9a-f]*\\)\".*/\\1/'); "

TEST(issued_certificates_stand_before_openssl_for_their_use_alone)
{
	static const struct {
		const char *kind, *more, *purpose, *not_for;
	} kinds[] = {
		{ "box", "", "sslclient", "sslserver" },
		{ "person", "--san=email:a.weber@example.org", "sslclient",
		    "codesign" },
		{ "recorder", "", "sslclient", "sslserver" },
		{ "server", "--san=DNS:box4.site --san=IP:2001:db8::4",
		    "sslserver", "sslclient" },
		{ "update", "", "codesign", "sslclient" },
		{ "network", "", "sslclient", "sslserver" },
	};
	static struct site s;
	char script[1024];

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Raum 4 Süd");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		(void)snprintf(script, sizeof(script),
		    "$pki issue %s a.csr $with --yes %s --out=a.pem; "
		    "v='openssl verify -x509_strict -CAfile ca/ca.pem "
		    "-CRLfile ca/crl.pem -crl_check'; "
		    "$v -purpose %s a.pem; ! $v -purpose %s a.pem; "
		    "$pki verify a.pem $with",
		    kinds[i].kind, kinds[i].more, kinds[i].purpose,
		    kinds[i].not_for);
		site_run(&s, script);
	}
	site_end(&s);
}

TEST(certificate_has_the_requests_key_and_name_and_a_random_serial)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-256", "/CN=Raum 4 Süd");
	site_run(&s,
	    "for i in 1 2; do $pki issue box a.csr $with --yes --out=$i.pem; "
	    "done; openssl pkey -in a.key -pubout >want; "
	    "openssl x509 -in 1.pem -noout -pubkey | cmp - want; "
	    "openssl x509 -in 1.pem -noout -subject -nameopt utf8,sep_comma_plus "
	    "| grep 'OU=box,CN=Raum 4 Süd'; "
	    "one=$(openssl x509 -in 1.pem -noout -serial); "
	    "two=$(openssl x509 -in 2.pem -noout -serial); "
	    "[ ${#one} -ge 35 ] && [ \"$one\" != \"$two\" ]; "
	    "openssl x509 -in ca/ca.pem -noout -text | grep secp384r1");
	site_end(&s);
}

/* As RAUC does: CMS, for signing code, the lists beside the CA's certificate.
 */
TEST(update_certificate_s_signature_stands_as_a_bundle_s_and_no_other_does)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Updates 2027");
	site_request(&s, "b", "P-384", "/CN=Room 4");
	site_run(&s,
	    "sign() { openssl cms -sign -binary -nodetach -outform DER -signer "
	    "$1.pem -inkey $1.key -in manifest -out $1.sig; }; "
	    "check() { openssl cms -verify -binary -inform DER -purpose "
	    "codesign -x509_strict -crl_check -CAfile keyring -in $1.sig "
	    "-out got 2>why; }; "
	    "echo update >manifest; "
	    "$pki issue update a.csr $with --yes --out=a.pem; "
	    "$pki issue box b.csr $with --yes --out=b.pem; "
	    "cat ca/ca.pem ca/crl.pem >keyring; "
	    "sign a; check a; cmp got manifest; "
	    "sign b; ! check b; grep -i purpose why; "
	    "serial=$(openssl x509 -in a.pem -noout -serial | "
	    "cut -d= -f2 | tr A-F a-f); "
	    "$pki revoke $serial --reason=superseded $with; "
	    "cat ca/ca.pem ca/crl.pem >keyring; ! check a; grep -i revoked why");
	site_end(&s);
}

TEST(list_tells_of_each_certificate_and_which_are_to_be_renewed)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Room 4");
	site_request(&s, "b", "P-256", "/CN=Room 5");
	site_run(&s, "[ \"$($pki list --json $with)\" = '[]' ]");
	site_run(&s,
	    "$pki issue box a.csr $with --yes --days=59; " SERIAL
	    "echo $serial >a; $pki issue person b.csr $with --yes --days=62; "
	    "$pki list $with >text; grep '1 of these end' text; "
	    "KK_LANG=de $pki list $with | grep '1 davon enden'; "
	    "$pki list --json $with | tr '}' '\\n' >list; "
	    "[ $(grep -c serial list) = 2 ]; "
	    "grep $(cat a) list | grep '\"kind\":\"box\"' | "
	    "grep '\"name\":\"Room 4\"' | grep '\"state\":\"good\"' | "
	    "grep '\"until\":\"20..-..-..T..:..:..Z\"'; "
	    /* What is renewed is nobody's care any more. */
	    "$pki renew $(cat a) a.csr $with --yes; "
	    "! $pki list $with | grep 'of these end'");
	site_end(&s);
}

TEST(copy_of_the_folder_is_the_ca_and_goes_on)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Room 4");
	site_run(&s,
	    "$pki issue box a.csr $with --yes --out=a.pem; " SERIAL
	    "tar cf backup.tar ca; $pki list $with >before; rm -r ca; "
	    "tar xf backup.tar; $pki list $with | cmp - before; "
	    "cp -r ca stick; "
	    "with='--ca=stick --passphrase-file=pass'; $pki verify a.pem $with; "
	    "$pki renew $serial a.csr $with --yes --out=b.pem; "
	    "$pki revoke $serial $with --reason=superseded; "
	    "openssl crl -in stick/crl.pem -noout -crlnumber | grep 0x02; "
	    "$pki verify b.pem $with; ! $pki verify a.pem $with");
	/* As it comes from a medium that keeps no rights. */
	site_fails(&s, 1, "chmod 700",
	    "chmod -R 755 stick; $pki list --ca=stick");
	site_run(&s,
	    "chmod -R go= stick; "
	    "$pki crl --ca=stick --passphrase-file=pass");
	/* Or in part. */
	site_fails(&s, 1, "ca.key",
	    "cp -r stick part; rm part/ca.key; "
	    "$pki crl --ca=part --passphrase-file=pass");
	site_end(&s);
}

TEST(revoked_certificate_is_in_the_next_list_with_its_reason)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Room 4");
	site_run(&s,
	    "$pki issue box a.csr $with --yes --out=a.pem; " SERIAL
	    "$pki revoke ${serial%????????} $with "
	    "--reason=keyCompromise; "
	    "openssl crl -in ca/crl.pem -noout -text >list; "
	    "grep -i $serial list; grep 'Key Compromise' list; "
	    "grep -A1 'CRL Number' list | grep ' 2$'; "
	    "! openssl verify -CAfile ca/ca.pem -CRLfile ca/crl.pem "
	    "-crl_check a.pem");
	site_fails(&s, 3, "revoked", "$pki verify a.pem $with");
	site_fails(&s, 3, "already",
	    SERIAL "$pki revoke $serial $with --reason=superseded");
	/* What was stolen is not made good by a new certificate. */
	site_fails(&s, 3, "compromised", "$pki issue box a.csr $with --yes");
	site_run(&s,
	    "$pki crl $with --days=7 --out=copy.pem; "
	    "cmp copy.pem ca/crl.pem; openssl crl -in copy.pem -noout "
	    "-crlnumber | grep 0x03");
	site_end(&s);
}

TEST(compromised_key_is_revoked_in_each_certificate_that_has_it)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Room 4");
	site_request(&s, "b", "P-384", "/CN=Room 5");
	site_run(&s,
	    "$pki issue box a.csr $with --yes --out=1.pem; " SERIAL
	    "$pki renew $serial a.csr $with --yes --out=2.pem; "
	    "$pki issue box b.csr $with --yes --out=3.pem; "
	    "$pki revoke $serial $with --reason=keyCompromise; "
	    "$pki verify 3.pem $with");
	site_fails(&s, 3, "revoked", "$pki verify 1.pem $with");
	site_fails(&s, 3, "revoked", "$pki verify 2.pem $with");
	site_end(&s);
}

TEST(renewal_keeps_kind_and_name_and_says_what_it_follows)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Room 4");
	site_request(&s, "b", "P-384", "/CN=Room 4");
	site_request(&s, "c", "P-384", "/CN=Room 5");
	site_run(&s,
	    "$pki issue recorder a.csr $with --yes; " SERIAL
	    "echo $serial >old; $pki renew $serial b.csr $with --yes --json "
	    "| grep '\"kind\":\"recorder\".*\"renewed\":\"'$serial");
	site_fails(&s, 3, "Room 5", "$pki renew $(cat old) c.csr $with --yes");
	site_run(&s,
	    "$pki revoke $(cat old) $with --reason=cessationOfOperation");
	site_fails(&s, 3, "revoked", "$pki renew $(cat old) a.csr $with --yes");
	site_end(&s);
}

TEST(nothing_is_issued_unasked_or_for_another_fingerprint)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Room 4");
	site_fails(&s, 3, "Not confirmed",
	    "setsid -w $pki issue box a.csr $with </dev/null");
	site_fails(&s, 3, "another one",
	    "$pki issue box a.csr $with --fingerprint=12ab");
	site_run(&s,
	    "[ -z \"$(ls ca/issued)\" ]; $pki show a.csr --json "
	    "| sed 's/.*\"key\":\"\\([0-9a-f]*\\)\".*/\\1/' >key; "
	    /* as it stands on a screen: in capitals, in blocks */
	    "$pki issue box a.csr $with --fingerprint=\"$(tr a-f A-F <key | "
	    "sed 's/..../& /g')\"; grep -c issued ca/index.txt | grep 1");
	site_end(&s);
}

TEST(wrong_passphrase_changes_nothing_and_is_logged)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-384", "/CN=Room 4");
	site_fails(&s, 4, "Wrong passphrase",
	    "cp ca/index.txt before; "
	    "$pki issue box a.csr --ca=ca --passphrase-file=wrong --yes");
	site_run(&s,
	    "cmp before ca/index.txt; [ -z \"$(ls ca/issued)\" ]; "
	    "$pki log $with | grep 'issue failed: Wrong'");
	site_fails(&s, 4, "closed to others", "chmod 644 pass; $pki crl $with");
	site_fails(&s, 4, "No terminal", "setsid -w $pki crl --ca=ca");
	site_end(&s);
}

TEST(key_is_sealed_by_scrypt_and_folder_is_closed)
{
	static struct site s;

	site_init(&s);
	site_run(&s,
	    "grep 'BEGIN ENCRYPTED PRIVATE KEY' ca/ca.key; "
	    "openssl asn1parse -in ca/ca.key | grep scrypt; "
	    "openssl pkey -in ca/ca.key -passin file:pass -pubout >k; "
	    "openssl x509 -in ca/ca.pem -noout -pubkey | cmp - k; "
	    "[ \"$(find ca -perm /077)\" = '' ]");
	site_fails(&s, 1, "chmod 700", "chmod 755 ca; $pki list $with");
	site_end(&s);
}

TEST(init_takes_no_full_folder_and_no_short_passphrase)
{
	static struct site s;

	site_init(&s);
	site_fails(&s, 3, "not empty", "$pki init --name=Other $with");
	site_fails(&s, 4, "too short",
	    "umask 077; echo short >s; $pki init --ca=b --name=Other "
	    "--passphrase-file=s");
	site_run(&s,
	    "[ ! -e b ]; mkdir b; "
	    "$pki init --ca=b/ --name=Other --passphrase-file=pass; "
	    "[ ! -e b.new ]; $pki list --ca=b");
	site_fails(&s, 2, "64 bytes",
	    "$pki init --ca=c --name=\"$(printf 'a\\033b')\" "
	    "--passphrase-file=pass");
	site_end(&s);
}

TEST(names_go_with_the_kind)
{
	static struct site s;

	site_init(&s);
	site_request(&s, "a", "P-256", "/CN=box4");
	site_fails(&s, 3, "needs a name",
	    "$pki issue server a.csr $with --yes");
	site_fails(&s, 3, "do not go",
	    "$pki issue box a.csr $with --yes --san=DNS:box4.site");
	site_fails(&s, 3, "do not go",
	    "$pki issue person a.csr $with --yes --san=IP:10.0.0.1");
	site_fails(&s, 2, "is not DNS:NAME",
	    "$pki issue server a.csr $with --yes '--san=DNS:*.site'");
	site_fails(&s, 2, "it is box", "$pki issue router a.csr $with --yes");
	site_end(&s);
}

TEST(two_at_once_are_told_apart)
{
	static struct site s;

	site_init(&s);
	/* flock(1) locks the folder as another process of ours would. */
	site_fails(&s, 5, "Another konklave-pki", "flock ca $pki crl $with");
	site_run(&s, "flock ca $pki list $with");
	site_end(&s);
}

TEST(german_where_the_locale_says_so)
{
	static struct site s;

	site_start(&s);
	site_fails(&s, 1, "ist kein Ordner einer CA",
	    "mkdir x; KK_LANG=de_DE.UTF-8 $pki list --ca=x");
	site_end(&s);
}
