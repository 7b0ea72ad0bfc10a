/* tpm2.c - a key store in a TPM; swtpm is the TPM. */
#define _GNU_SOURCE /* mkdtemp() */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>
#include <unistd.h>

#include "harness/process.h"
#include "store_world.h"

#ifdef KK_KEYSTORE_TPM2
enum { OUT_BYTES = 4096 };

struct tpm_world {
	char folder[64], keys[96], tcti[128];
	struct keystore *store;
	unsigned starts;
};

static void script_run(const struct tpm_world *w, const char *script)
{
	char out[OUT_BYTES];
	int status = process_script(w->folder, script, out, sizeof(out));

	if (status)
		tap_diag("%s\n%s", script, out);
	CHECK_EQ(status, 0);
}

/* It listens once the script is over, on a socket of its own: the one before
 * takes its away when it ends. */
static void tpm_start(struct tpm_world *w, const char *state)
{
	char script[640];

	w->starts++;
	(void)snprintf(script, sizeof(script),
	    "mkdir -p %s; swtpm socket --tpm2 --tpmstate dir=$PWD/%s "
	    "--server type=unixio,path=$PWD/sock%u "
	    "--ctrl type=unixio,path=$PWD/sock%u.ctrl --pid file=$PWD/pid "
	    "--flags startup-clear,not-need-init --daemon >/dev/null 2>&1",
	    state, state, w->starts, w->starts);
	script_run(w, script);
	(void)snprintf(w->tcti, sizeof(w->tcti), "swtpm:path=%s/sock%u",
	    w->folder, w->starts);
}

/* Its state is on the disk when its process is gone. */
static void tpm_stop(const struct tpm_world *w)
{
	script_run(w,
	    "p=$(cat pid); kill $p; while kill -0 $p 2>/dev/null && "
	    "! grep -q '^State:.Z' /proc/$p/status 2>/dev/null; do "
	    "sleep 0.05; done; rm -f pid");
}

static void store_open(struct tpm_world *w)
{
	CHECK_OK(keystore_tpm2_open(&w->store, w->keys, w->tcti));
}

static void world_begin(struct tpm_world *w)
{
	*w = (struct tpm_world){ .folder = "/tmp/kk-tpm-XXXXXX" };
	CHECK_OK(crypto_init());
	CHECK(mkdtemp(w->folder) != NULL);
	(void)snprintf(w->keys, sizeof(w->keys), "%s/keys", w->folder);
	CHECK_EQ(setenv("TSS2_LOG", "all+none", 1), 0);
	CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	CHECK_EQ(mkdir(w->keys, 0700), 0);
	tpm_start(w, "tpm");
	store_open(w);
}

static void store_close(struct tpm_world *w)
{
	keystore_free(w->store);
	w->store = NULL;
}

static void world_finish(struct tpm_world *w)
{
	store_close(w);
	tpm_stop(w);
	folder_remove(w->folder);
}

static void key_signs(struct crypto_key *key, enum crypto_sig sig)
{
	struct kk_view message = kk_view_text("a room's word");
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t bytes = sizeof(signature);
	struct kk_bytes out = { 0 };

	/* Often: numbers with leading zeroes are short ones there. */
	for (int i = 0; i < 8; i++) {
		bytes = sizeof(signature);
		CHECK_OK(crypto_sign(key, message, signature, &bytes));
		CHECK_OK(crypto_verify(sig, crypto_key_public(key), message,
		    kk_view_of(signature, bytes)));
	}
	CHECK_ERR(crypto_key_export(key, &out), KK_EDENIED);
}

TEST(tpm_makes_keys_that_sign_and_are_there_after_a_restart)
{
	static const enum crypto_sig sigs[] = { CRYPTO_ECDSA_P256_SHA256,
		CRYPTO_ECDSA_P384_SHA384 };
	static const char *const names[] = { "identity-p256", "identity-p384" };
	struct crypto_key *key[2], *none = NULL;
	struct kk_bytes public[2];
	struct keystore_type type;
	struct keystore_name list[4];
	struct tpm_world w;
	size_t count = 4;

	world_begin(&w);
	for (size_t i = 0; i < 2; i++) {
		CHECK_ERR(keystore_find(w.store, names[i], NULL, &none),
		    KK_ENOENT);
		CHECK_OK(keystore_generate(w.store, names[i],
		    keystore_type_sig(sigs[i]), KEYSTORE_NEW, &key[i]));
		CHECK_OK(kk_bytes_copy(&public[i], crypto_key_public(key[i])));
		key_signs(key[i], sigs[i]);
	}
	store_close(&w); /* the handles keep the TPM open */
	for (size_t i = 0; i < 2; i++) {
		key_signs(key[i], sigs[i]);
		crypto_key_free(key[i]);
	}
	tpm_stop(&w);
	tpm_start(&w, "tpm");
	store_open(&w);
	for (size_t i = 0; i < 2; i++) {
		CHECK_OK(keystore_find(w.store, names[i], &type, &key[i]));
		CHECK_EQ(type.id, sigs[i]);
		CHECK(kk_view_equal(crypto_key_public(key[i]),
		    kk_bytes_view(&public[i])));
	}
	for (size_t i = 0; i < 2; i++) { /* both at once */
		key_signs(key[i], sigs[i]);
		crypto_key_free(key[i]);
		kk_bytes_clear(&public[i]);
	}
	CHECK_OK(keystore_list(w.store, list, &count));
	CHECK_EQ(count, 2);
	world_finish(&w);
}

static bool is_in_lockout(ESYS_CONTEXT *tpm)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	bool is = false;

	CHECK_EQ(Esys_GetCapability(tpm, ESYS_TR_NONE, ESYS_TR_NONE,
		     ESYS_TR_NONE, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_PERMANENT,
		     1, &more, &data),
	    TSS2_RC_SUCCESS);
	if (data)
		is = data->data.tpmProperties.tpmProperty[0].value &
		    TPMA_PERMANENT_INLOCKOUT;
	Esys_Free(data);
	return is;
}

/* As after too many cuts of power: nothing opens that a TPM guards against
 * guesses (TPM 2.0, part 1, 19.8). */
static void tpm_lock(const struct tpm_world *w)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;
	ESYS_CONTEXT *tpm = NULL;

	CHECK_EQ(Tss2_TctiLdr_Initialize(w->tcti, &tcti), TSS2_RC_SUCCESS);
	CHECK_EQ(Esys_Initialize(&tpm, tcti, NULL), TSS2_RC_SUCCESS);
	CHECK_EQ(Esys_DictionaryAttackParameters(tpm, ESYS_TR_RH_LOCKOUT,
		     ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, 0, 3600,
		     3600),
	    TSS2_RC_SUCCESS);
	CHECK(is_in_lockout(tpm));
	Esys_Finalize(&tpm);
	Tss2_TctiLdr_Finalize(&tcti);
}

TEST(key_signs_while_its_tpm_is_in_lockout)
{
	struct crypto_key *key;
	struct tpm_world w;

	world_begin(&w);
	CHECK_OK(keystore_generate(w.store, "identity-p256",
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256), KEYSTORE_NEW, &key));
	crypto_key_free(key);
	store_close(&w);
	tpm_lock(&w);
	store_open(&w);
	CHECK_OK(keystore_find(w.store, "identity-p256", NULL, &key));
	key_signs(key, CRYPTO_ECDSA_P256_SHA256);
	crypto_key_free(key);
	world_finish(&w);
}

TEST(another_tpm_does_not_take_the_key)
{
	struct keystore_type p256 = keystore_type_sig(CRYPTO_ECDSA_P256_SHA256);
	struct crypto_key *key, *none = NULL;
	struct tpm_world w;

	world_begin(&w);
	CHECK_OK(keystore_generate(w.store, "a", p256, KEYSTORE_NEW, &key));
	crypto_key_free(key);
	store_close(&w);
	tpm_stop(&w);
	tpm_start(&w, "other");
	store_open(&w);
	CHECK_ERR(keystore_find(w.store, "a", NULL, &none), KK_EAUTH);
	store_close(&w);
	tpm_stop(&w);
	tpm_start(&w, "tpm");
	store_open(&w);
	CHECK_OK(keystore_find(w.store, "a", NULL, &key));
	crypto_key_free(key);
	world_finish(&w);
}

TEST(altered_file_of_a_tpm_s_key_is_refused)
{
	struct keystore_type p256 = keystore_type_sig(CRYPTO_ECDSA_P256_SHA256);
	struct crypto_key *key;
	struct tpm_world w;
	char path[128];
	char *text;
	struct stat st;

	world_begin(&w);
	CHECK_OK(keystore_generate(w.store, "a", p256, KEYSTORE_NEW, &key));
	crypto_key_free(key);
	(void)snprintf(path, sizeof(path), "%s/a.key", w.keys);
	CHECK_EQ(stat(path, &st), 0);
	for (off_t at = 0; at < st.st_size; at += 7) {
		char old, new;

		text = file_text(path);
		old = text[at];
		free(text);
		new = (char)(old ^ 0x10);
		file_patch(path, at, &new, 1);
		CHECK_FAIL(keystore_find(w.store, "a", NULL, &key));
		file_patch(path, at, &old, 1);
	}
	CHECK_OK(keystore_find(w.store, "a", NULL, &key));
	crypto_key_free(key);
	world_finish(&w);
}

/* Of whoever changes --keystore when there are keys: it is no damaged one. */
TEST(file_of_the_other_store_is_called_another_kind_of_key)
{
	static const char begin[] = "KKEY\0\1\1\0\2\1\1\1\1";
	struct keystore_type p256 = keystore_type_sig(CRYPTO_ECDSA_P256_SHA256);
	struct crypto_key *key;
	struct tpm_world w;
	char path[128];

	world_begin(&w);
	CHECK_OK(keystore_generate(w.store, "a", p256, KEYSTORE_NEW, &key));
	crypto_key_free(key);
	(void)snprintf(path, sizeof(path), "%s/a.key", w.keys);
	file_patch(path, 0, begin, sizeof(begin));
	CHECK_ERR(keystore_find(w.store, "a", NULL, &key), KK_EFORMAT);
	world_finish(&w);
}

TEST(tpm_store_replaces_deletes_and_refuses_by_name)
{
	struct keystore_type p256 = keystore_type_sig(CRYPTO_ECDSA_P256_SHA256);
	struct keystore *second = NULL;
	struct crypto_key *one, *two, *none = NULL;
	struct tpm_world w;

	world_begin(&w);
	CHECK_OK(keystore_generate(w.store, "a", p256, KEYSTORE_NEW, &one));
	CHECK_ERR(keystore_generate(w.store, "a", p256, KEYSTORE_NEW, &none),
	    KK_EEXIST);
	CHECK_OK(keystore_generate(w.store, "a", p256, KEYSTORE_REPLACE, &two));
	CHECK(!kk_view_equal(crypto_key_public(one), crypto_key_public(two)));
	crypto_key_free(one);
	CHECK_OK(keystore_find(w.store, "a", NULL, &one));
	CHECK(kk_view_equal(crypto_key_public(one), crypto_key_public(two)));
	crypto_key_free(one);
	crypto_key_free(two);
	CHECK_ERR(keystore_generate(w.store, "b",
		      keystore_type_sig(CRYPTO_ED25519), KEYSTORE_NEW, &none),
	    KK_EUNSUP);
	CHECK_ERR(keystore_generate(w.store, "b",
		      keystore_type_kem(CRYPTO_DHKEM_P256), KEYSTORE_NEW,
		      &none),
	    KK_EUNSUP);
	CHECK_OK(keystore_delete(w.store, "a"));
	CHECK_ERR(keystore_find(w.store, "a", NULL, &none), KK_ENOENT);
	CHECK_ERR(keystore_tpm2_open(&second, w.keys, w.tcti), KK_ESTATE);
	/* That there is none, which tpm2-tss leaks memory on, keyd's tests try.
	 */
	CHECK(second == NULL && none == NULL);
	world_finish(&w);
}
#endif
