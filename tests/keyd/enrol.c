/* enrol.c - certificates from konklave-pki for keys in each kind of store. */
#define _GNU_SOURCE /* setenv() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enrol.h"

enum { SCRIPT_BYTES = 4096 };

int box_try(const struct box *b, const char *script, char *out)
{
	char all[SCRIPT_BYTES];

	(void)snprintf(all, sizeof(all),
	    "umask 077; pki=$bin/konklave-pki; "
	    "keyd=\"$bin/keyd --state=%s/state --wrap-key=%s/wrap\"; "
	    "with='--ca=ca --passphrase-file=pass --yes'; %s",
	    b->folder, b->folder, script);
	return process_script(b->folder, all, out, OUT_BYTES);
}

void box_run(const struct box *b, const char *script)
{
	char out[OUT_BYTES];
	int status = box_try(b, script, out);

	if (status)
		tap_diag("%s\n%s", script, out);
	CHECK_EQ(status, 0);
}

void box_refuses(const struct box *b, const char *says, const char *script)
{
	char out[OUT_BYTES];
	int status = box_try(b, script, out);

	if (!status || !strstr(out, says))
		tap_diag("%s\n%s", script, out);
	CHECK(status != 0);
	CHECK(strstr(out, says) != NULL);
}

/* As box_refuses(), with this status. */
static void box_ends(const struct box *b, int status, const char *says,
    const char *script)
{
	char out[OUT_BYTES];
	int got = box_try(b, script, out);

	if (got != status || !strstr(out, says))
		tap_diag("%s\n%s", script, out);
	CHECK_EQ(got, status);
	CHECK(strstr(out, says) != NULL);
}

void ca_make(const struct box *b)
{
	box_run(b,
	    "echo 'a long passphrase' >pass; "
	    "$pki init --name=Site $with");
}

void box_enrol(const struct box *b, const char *options)
{
	char script[1024];

	(void)snprintf(script, sizeof(script),
	    "$keyd %s '--name=Raum 4' --request >box.csr; "
	    "$pki issue box box.csr $with --out=box.pem; "
	    "$keyd %s --trust=ca/ca.pem --crl=ca/crl.pem --require-crl "
	    "--install=box.pem",
	    options, options);
	box_run(b, script);
}

void box_start_trusting(struct box *b, char trust[128])
{
	size_t i = 0;

	(void)snprintf(trust, 128, "--trust=%s/ca/ca.pem", b->folder);
	while (b->options[i])
		i++;
	b->options[i] = trust;
	box_start(b);
}

void verified_check(struct world *w, struct box *b, const char *name)
{
	sd_json_variant *who = ask(w, b->link[POLICY], "Identity", NULL);

	CHECK(is_true(who, "verified"));
	CHECK_STR(text_of(who, "name"), name);
}

TEST(box_is_enrolled_by_request_and_chain_and_renewed_alike)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	char trust[128];

	box_make(b);
	ca_make(b);
	box_enrol(b, "");
	box_start_trusting(b, trust);
	verified_check(&w, b, "Raum 4");
	box_stop(b);
	/* The same key again, until later. */
	box_run(b,
	    "$keyd '--name=Raum 4' --request >again.csr; "
	    "serial=$(ls ca/issued | sed 's/[.]pem//'); "
	    "$pki renew $serial again.csr $with --out=again.pem --days=1200; "
	    "$keyd --trust=ca/ca.pem --install=again.pem; "
	    "cmp again.pem state/chain-p384.pem; ! cmp again.pem box.pem");
	box_start(b);
	verified_check(&w, b, "Raum 4");
	world_end(&w);
}

TEST(chain_that_is_not_this_boxs_or_not_to_be_trusted_is_not_installed)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	char trust[128];

	box_make(b);
	ca_make(b);
	box_enrol(b, "");
	box_run(b,
	    "$pki init --ca=other --name=Site --passphrase-file=pass; "
	    "$pki issue box box.csr --ca=other --passphrase-file=pass "
	    "--yes --out=foreign.pem; "
	    "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 "
	    "-nodes -subj '/CN=Raum 4' -keyout k -out k.csr 2>/dev/null; "
	    "$pki issue box k.csr $with --out=key.pem; "
	    "$pki issue server box.csr --san=DNS:box4.site $with "
	    "--out=server.pem");
	box_refuses(b, "KK_EUNTRUSTED",
	    "$keyd --trust=ca/ca.pem --install=foreign.pem");
	box_refuses(b, "another key",
	    "$keyd --trust=ca/ca.pem --install=key.pem");
	box_refuses(b, "KK_EDENIED",
	    "$keyd --trust=ca/ca.pem --install=server.pem");
	box_refuses(b, "KK_EFORMAT",
	    "$keyd --trust=ca/ca.pem --install=box.csr");
	box_refuses(b, "needs --trust", "$keyd --install=box.pem");
	box_run(b,
	    "cmp box.pem state/chain-p384.pem; "
	    "serial=$(openssl x509 -in box.pem -noout -serial | "
	    "cut -d= -f2 | tr A-F a-f | "
	    "sed ':a; s/^.\\{1,31\\}$/0&/; ta'); "
	    "$pki revoke $serial --reason=superseded $with");
	box_refuses(b, "KK_EREVOKED",
	    "$keyd --trust=ca/ca.pem --crl=ca/crl.pem --install=box.pem");
	/* What was good stays until something better comes. */
	box_start_trusting(b, trust);
	verified_check(&w, b, "Raum 4");
	world_end(&w);
}

TEST(each_suites_key_has_a_chain_of_its_own)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	char trust[128];
	sd_json_variant *in = NULL;

	box_make(b);
	ca_make(b);
	box_enrol(b, "");
	box_enrol(b, "--suite=2");
	box_start_trusting(b, trust);
	verified_check(&w, b, "Raum 4");
	CHECK_OK(call_put_u64(&in, "suite", 2));
	CHECK(is_true(ask(&w, b->link[POLICY], "Identity", in), "verified"));
	world_end(&w);
}

#ifdef KK_KEYSTORE_PKCS11
#define MODULE "module-path=/usr/lib/softhsm/libsofthsm2.so"

/* Tokens box0 and box1, of SoftHSM, in the first box's folder. */
static void tokens_make(const struct box *b)
{
	char path[128];

	box_run(b,
	    "mkdir tokens; printf 'directories.tokendir = %s/tokens\\n"
	    "objectstore.backend = file\\nlog.level = ERROR\\n' $PWD >hsm; "
	    "export SOFTHSM2_CONF=$PWD/hsm; for t in box0 box1; do "
	    "softhsm2-util --init-token --free --label $t --pin 1234 "
	    "--so-pin 5678; done; echo 1234 >pin; echo 4321 >wrong");
	(void)snprintf(path, sizeof(path), "%s/hsm", b->folder);
	CHECK_EQ(setenv("SOFTHSM2_CONF", path, 1), 0);
}

TEST(identity_in_a_token_is_enrolled_and_signs_a_groups_commits)
{
	static const char *const stores[] = {
		"--keystore=pkcs11:token=box0?" MODULE,
		"--keystore=pkcs11:token=box1?" MODULE
	};
	struct world w = { 0 };
	char pin[128], trust[2][128];
	char before[80];

	for (size_t i = 0; i < 2; i++) {
		box_make(&w.box[i]);
		if (i == 0) {
			ca_make(&w.box[0]);
			tokens_make(&w.box[0]);
			(void)snprintf(pin, sizeof(pin), "--pin=%s/pin",
			    w.box[0].folder);
			box_enrol(&w.box[0],
			    "'--keystore=pkcs11:token=box0?" MODULE
			    "' --pin=pin");
		}
		w.box[i].options[0] = stores[i];
		w.box[i].options[1] = pin;
	}
	(void)snprintf(trust[0], sizeof(trust[0]), "--trust=%s/ca/ca.pem",
	    w.box[0].folder);
	w.box[0].options[2] = w.box[1].options[2] = trust[0];
	box_start(&w.box[0]);
	box_start(&w.box[1]);
	verified_check(&w, &w.box[0], "Raum 4");
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	(void)commit(&w, &w.box[0], in_meeting());
	(void)commit(&w, &w.box[1], in_meeting());
	agree(&w, 2);
	(void)snprintf(before, sizeof(before), "%s",
	    text_of(ask(&w, w.box[0].link[POLICY], "Identity", NULL),
		"fingerprint"));
	box_kill(&w.box[0]);
	box_start(&w.box[0]);
	CHECK_STR(text_of(ask(&w, w.box[0].link[POLICY], "Identity", NULL),
		      "fingerprint"),
	    before);
	(void)commit(&w, &w.box[0], in_meeting());
	agree(&w, 2);
	/* No key of it is on the disk. */
	box_run(&w.box[0], "[ ! -e state/keys ]");
	world_end(&w);
}

TEST(token_that_is_gone_or_locked_is_told_by_name)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];

	box_make(b);
	tokens_make(b);
	box_ends(b, 1, "the token is not there",
	    "$keyd '--keystore=pkcs11:token=box7?" MODULE
	    "' --pin=pin --request");
	box_refuses(b, "several tokens",
	    "$keyd '--keystore=pkcs11:manufacturer=SoftHSM%20project?" MODULE
	    "' --pin=pin --request");
	box_refuses(b, "cannot be loaded",
	    "$keyd '--keystore=pkcs11:token=box0?module-path=/none.so' "
	    "--pin=pin --request");
	box_refuses(b, "no URI of a token",
	    "$keyd --keystore=pkcs11:token=box0 --pin=pin --request");
	box_ends(b, 1, "the PIN is missing",
	    "$keyd '--keystore=pkcs11:token=box0?" MODULE "' --request");
	world_end(&w);
}

/* Whoever starts it again at once would lock the token. */
TEST(wrong_pin_has_a_status_of_its_own_after_which_units_do_not_start_again)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];

	box_make(b);
	tokens_make(b);
	box_ends(b, 4, "the PIN is wrong",
	    "$keyd '--keystore=pkcs11:token=box0?" MODULE
	    "' --pin=wrong --request");
	box_ends(b, 4, "the PIN is wrong",
	    "$keyd '--keystore=pkcs11:token=box0?" MODULE
	    "' --pin=wrong --socket=policy:$PWD/policy");
	box_run(b,
	    "$keyd '--keystore=pkcs11:token=box0?" MODULE
	    "' --pin=pin --request >box.csr; "
	    "for unit in keyd lines-keyd; do grep -qx "
	    "RestartPreventExitStatus=4 "
	    "\"${bin%/build/*}/rootfs/units/$unit.service\"; done");
	world_end(&w);
}

TEST(key_that_was_imported_into_the_token_is_told_and_not_used)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];

	box_make(b);
	tokens_make(b);
	box_refuses(b, "came from outside",
	    "openssl genpkey -algorithm EC -pkeyopt "
	    "ec_paramgen_curve:P-384 -out k 2>/dev/null; "
	    "softhsm2-util --import k --token box0 --label identity-p384 "
	    "--id 01 --pin 1234; "
	    "$keyd '--keystore=pkcs11:token=box0?" MODULE
	    "' --pin=pin --request");
	world_end(&w);
}
#endif

#ifdef KK_KEYSTORE_TPM2
/* swtpm lives through the box's restarts, until the test's end. */
static void tpm_start(const struct box *b)
{
	CHECK_EQ(setenv("TSS2_LOG", "all+none", 1), 0);
	box_run(b,
	    "mkdir tpm; swtpm socket --tpm2 --tpmstate dir=$PWD/tpm "
	    "--server type=unixio,path=$PWD/sock "
	    "--ctrl type=unixio,path=$PWD/sock.ctrl --pid file=$PWD/pid "
	    "--flags startup-clear,not-need-init --daemon >/dev/null 2>&1");
}

/* One of the box's, with a bit in its middle turned, or of another TPM. */
static void tpm_s_files_check(const struct box *b, const char *options)
{
	char script[1024];

	(void)snprintf(script, sizeof(script),
	    "f=state/keys-tpm2/identity-p384.key; cp $f whole; "
	    "at=$(($(stat -c %%s $f) - 40)); "
	    "was=$(od -An -tu1 -j$at -N1 $f); "
	    "printf \"\\\\$(printf %%o $((was ^ 1)))\" | "
	    "dd of=$f bs=1 seek=$at conv=notrunc status=none; "
	    "! cmp -s $f whole; $keyd %s --request",
	    options);
	box_refuses(b, "or it was altered", script);
	(void)snprintf(script, sizeof(script),
	    "cp whole state/keys-tpm2/identity-p384.key; $keyd %s --request >again",
	    options);
	box_run(b, script);
}

TEST(tpm_is_a_device_unless_an_emulated_one_is_asked_for)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];

	box_make(b);
	box_refuses(b, "no TPM there",
	    "$keyd --keystore=tpm2:device:/dev/none --request");
	box_refuses(b, "no TPM there",
	    "$keyd --keystore=tpm2:swtpm:path=/nowhere/sock --emulated-tpm "
	    "--request");
	box_refuses(b, "--keystore: tpm2, or tpm2:device:/dev/NAME",
	    "$keyd --keystore=tpm2:swtpm:path=/nowhere/sock --request");
	/* tpm2-tss would run this. */
	box_refuses(b, "--keystore: tpm2, or tpm2:device:/dev/NAME",
	    "$keyd '--keystore=tpm2:cmd:touch ran' --emulated-tpm --request");
	box_refuses(b, "--keystore: tpm2, or tpm2:device:/dev/NAME",
	    "$keyd --keystore=tpm2:libtss2-tcti-device.so.0 --emulated-tpm "
	    "--request");
	box_run(b, "[ ! -e ran ]");
	world_end(&w);
}

/* What it tells the service manager, which people's screens ask. */
#define NOTIFIED                                                              \
	"python3 -c 'import os, socket, subprocess, sys\n"                    \
	"s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"              \
	"s.bind(\"notify\")\n"                                                \
	"env = dict(os.environ, NOTIFY_SOCKET=os.path.abspath(\"notify\"))\n" \
	"status = subprocess.run(sys.argv[1:], env=env).returncode\n"         \
	"s.setblocking(False)\n"                                              \
	"print(s.recv(4096).decode())\n"                                      \
	"os.unlink(\"notify\")\n"                                             \
	"sys.exit(status)' "

TEST(tpm_that_is_not_there_is_told_and_no_key_is_made_elsewhere)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];

	box_make(b);
	box_refuses(b, "STATUS=trouble=no-tpm no TPM there",
	    NOTIFIED "$keyd --keystore=tpm2:device:/dev/none --request");
	box_refuses(b, "STATUS=trouble=tpm ",
	    NOTIFIED "$keyd --keystore=tpm2:swtpm:path=/none --request");
	box_run(b, "[ ! -e state/keys ] && [ -z \"$(ls state/keys-tpm2)\" ]");
	world_end(&w);
}

static const char *print_of(struct world *w, struct box *b)
{
	return text_of(ask(w, b->link[POLICY], "Identity", NULL),
	    "fingerprint");
}

/* As a version that does not know the profile's line would start it. */
TEST(key_in_a_tpm_outlives_a_time_with_one_in_a_file)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	char keystore[128], option[160], trust[128];
	const char *of_tpm, *of_file;

	box_make(b);
	ca_make(b);
	tpm_start(b);
	(void)snprintf(keystore, sizeof(keystore),
	    "--keystore=tpm2:swtpm:path=%s/sock", b->folder);
	(void)snprintf(option, sizeof(option), "'%s' --emulated-tpm", keystore);
	box_enrol(b, option);
	(void)snprintf(trust, sizeof(trust), "--trust=%s/ca/ca.pem", b->folder);
	b->options[0] = trust;
	b->options[1] = keystore;
	b->options[2] = "--emulated-tpm";
	box_start(b);
	verified_check(&w, b, "Raum 4");
	meeting_create(&w, b);
	of_tpm = print_of(&w, b);
	box_stop(b);
	b->options[1] = b->options[2] = NULL;
	box_start(b);
	of_file = print_of(&w, b);
	CHECK(strcmp(of_tpm, of_file) != 0);
	CHECK(!is_true(ask(&w, b->link[POLICY], "Identity", NULL), "verified"));
	/* Its group was another's. */
	CHECK_STR(ask_fails(b->link[POLICY], "Roster", in_meeting()), "NotNow");
	(void)ask(&w, b->link[POLICY], "Forget", in_meeting());
	meeting_create(&w, b);
	box_stop(b);
	b->options[1] = keystore;
	b->options[2] = "--emulated-tpm";
	box_start(b);
	CHECK_STR(print_of(&w, b), of_tpm);
	verified_check(&w, b, "Raum 4");
	box_stop(b);
	/* Where older versions had it. */
	box_run(b, "rm -r state/keys; mv state/keys-tpm2 state/keys");
	box_start(b);
	CHECK_STR(print_of(&w, b), of_tpm);
	box_stop(b);
	box_run(b, "[ -z \"$(ls state/keys-tpm2)\" ]; kill $(cat pid)");
	world_end(&w);
}

TEST(identity_in_a_tpm_is_enrolled_and_signs_a_groups_commits)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	char keystore[128], option[160], trust[128];

	box_make(b);
	box_make(&w.box[1]);
	ca_make(b);
	tpm_start(b);
	(void)snprintf(keystore, sizeof(keystore),
	    "--keystore=tpm2:swtpm:path=%s/sock", b->folder);
	(void)snprintf(option, sizeof(option), "'%s' --emulated-tpm", keystore);
	box_enrol(b, option);
	/* Public, and encrypted for the TPM. */
	box_run(b, "head -c4 state/keys-tpm2/identity-p384.key | grep KTPM");
	b->options[0] = keystore;
	(void)snprintf(trust, sizeof(trust), "--trust=%s/ca/ca.pem", b->folder);
	b->options[1] = w.box[1].options[0] = trust;
	b->options[2] = "--emulated-tpm";
	box_start(b);
	box_start(&w.box[1]);
	verified_check(&w, b, "Raum 4");
	meeting_create(&w, b);
	meeting_join(&w, b, &w.box[1]);
	(void)commit(&w, b, in_meeting());
	(void)commit(&w, &w.box[1], in_meeting());
	agree(&w, 2);
	/* By SIGTERM: without the kernel's resource manager, keys that a
	 * killed process has loaded stay in the TPM. */
	box_stop(b);
	box_start(b);
	verified_check(&w, b, "Raum 4");
	(void)commit(&w, b, in_meeting());
	agree(&w, 2);
	box_stop(b);
	tpm_s_files_check(b, option);
	box_run(b, "kill $(cat pid)");
	world_end(&w);
}
#endif
