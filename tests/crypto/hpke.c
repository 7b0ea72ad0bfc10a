/* hpke.c - HPKE against the vectors of RFC 9180, appendix A. */
#include <string.h>

#include "crypto/crypto.h"
#include "harness/tap.h"
#include "hex.h"

struct hpke_case { /* sequence number 0 of a setup */
	uint16_t kem;
	enum crypto_hash hash;
	enum crypto_aead aead;
	bool is_psk;
	const char *ikm_r, *sk_r, *pk_r, *enc, *ct;
	const char *exported; /* of "TestContext", 32 bytes; base mode */
};

static const char info_hex[] = "4f6465206f6e2061204772656369616e2055726e";
static const char psk_hex[] =
    "0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82";
static const char psk_id_hex[] = "456e6e796e20447572696e206172616e204d6f726961";
static const char pt_hex[] =
    "4265617574792069732074727574682c20747275746820626561757479";
static const char aad_hex[] = "436f756e742d30";

static const struct hpke_case a1_base = { CRYPTO_DHKEM_X25519, CRYPTO_SHA256,
	CRYPTO_AES_128_GCM, false,
	"6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
	"4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
	"3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
	"37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
	"f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d87"
	"70ac83d07bea87e13c512a",
	"e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931" };
static const struct hpke_case a1_psk = { CRYPTO_DHKEM_X25519, CRYPTO_SHA256,
	CRYPTO_AES_128_GCM, true,
	"d4a09d09f575fef425905d2ab396c1449141463f698f8efdb7accfaff8995098",
	"c5eb01eb457fe6c6f57577c5413b931550a162c71a03ac8d196babbd4e5ce0fd",
	"9fed7e8c17387560e92cc6462a68049657246a09bfa8ade7aefe589672016366",
	"0ad0950d9fb9588e59690b74f1237ecdf1d775cd60be2eca57af5a4b0471c91b",
	"e52c6fed7f758d0cf7145689f21bc1be6ec9ea097fef4e959440012f4feb73fb611b"
	"946199e681f4cfc34db8ea",
	NULL };
static const struct hpke_case a3_base = { CRYPTO_DHKEM_P256, CRYPTO_SHA256,
	CRYPTO_AES_128_GCM, false,
	"668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550",
	"f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
	"04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
	"6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
	"04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
	"8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
	"5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076"
	"ac232e3ab2523f39513434",
	"d8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a" };
static const struct hpke_case a3_psk = { CRYPTO_DHKEM_P256, CRYPTO_SHA256,
	CRYPTO_AES_128_GCM, true,
	"d42ef874c1913d9568c9405407c805baddaffd0898a00f1e84e154fa787b2429",
	"438d8bcef33b89e0e9ae5eb0957c353c25a94584b0dd59c991372a75b43cb661",
	"040d97419ae99f13007a93996648b2674e5260a8ebd2b822e84899cd52d87446ea"
	"394ca76223b76639eccdf00e1967db10ade37db4e7db476261fcc8df97c5ffd1",
	"04305d35563527bce037773d79a13deabed0e8e7cde61eecee403496959e89e4d0"
	"ca701726696d1485137ccb5341b3c1c7aaee90a4a02449725e744b1193b53b5f",
	"90c4deb5b75318530194e4bb62f890b019b1397bbf9d0d6eb918890e1fb2be1ac260"
	"3193b60a49c2126b75d0eb",
	NULL };
static const struct hpke_case a6_base = { CRYPTO_DHKEM_P521, CRYPTO_SHA512,
	CRYPTO_AES_256_GCM, false,
	"2ad954bbe39b7122529f7dde780bff626cd97f850d0784a432784e69d86eccaade"
	"43b6c10a8ffdb94bf943c6da479db137914ec835a7e715e36e45e29b587bab3bf1",
	"01462680369ae375e4b3791070a7458ed527842f6a98a79ff5e0d4cbde83c27196"
	"a3916956655523a6a2556a7af62c5cadabe2ef9da3760bb21e005202f7b2462847",
	"0401b45498c1714e2dce167d3caf162e45e0642afc7ed435df7902ccae0e84ba0f"
	"7d373f646b7738bbbdca11ed91bdeae3cdcba3301f2457be452f271fa6837580e6"
	"61012af49583a62e48d44bed350c7118c0d8dc861c238c72a2bda17f64704f464b"
	"57338e7f40b60959480c0e58e6559b190d81663ed816e523b6b6a418f66d2451ec"
	"64",
	"040138b385ca16bb0d5fa0c0665fbbd7e69e3ee29f63991d3e9b5fa740aab8900a"
	"aeed46ed73a49055758425a0ce36507c54b29cc5b85a5cee6bae0cf1c21f2731ec"
	"e2013dc3fb7c8d21654bb161b463962ca19e8c654ff24c94dd2898de12051f1ed0"
	"692237fb02b2f8d1dc1c73e9b366b529eb436e98a996ee522aef863dd5739d2f29"
	"b0",
	"170f8beddfe949b75ef9c387e201baf4132fa7374593dfafa90768788b7b2b200aaf"
	"cc6d80ea4c795a7c5b841a",
	"f389beaac6fcf6c0d9376e20f97e364f0609a88f1bc76d7328e9104df8477013" };
static const struct hpke_case a6_psk = { CRYPTO_DHKEM_P521, CRYPTO_SHA512,
	CRYPTO_AES_256_GCM, true,
	"a2a2458705e278e574f835effecd18232f8a4c459e7550a09d44348ae5d3b1ea9d"
	"95c51995e657ad6f7cae659f5e186126a471c017f8f5e41da9eba74d4e0473e179",
	"011bafd9c7a52e3e71afbdab0d2f31b03d998a0dc875dd7555c63560e142bde264"
	"428de03379863b4ec6138f813fa009927dc5d15f62314c56d4e7ff2b485753eb72",
	"04006917e049a2be7e1482759fb067ddb94e9c4f7f5976f655088dec45246614ff"
	"924ed3b385fc2986c0ecc39d14f907bf837d7306aada59dd5889086125ecd038ea"
	"d400603394b5d81f89ebfd556a898cc1d6a027e143d199d3db845cb91c5289fb26"
	"c5ff80832935b0e8dd08d37c6185a6f77683347e472d1edb6daa6bd7652fea628f"
	"ae",
	"040085eff0835cc84351f32471d32aa453cdc1f6418eaaecf1c2824210eb1d48d0"
	"768b368110fab21407c324b8bb4bec63f042cfa4d0868d19b760eb4beba1bff793"
	"b30036d2c614d55730bd2a40c718f9466faf4d5f8170d22b6df98dfe0c067d02b3"
	"49ae4a142e0c03418f0a1479ff78a3db07ae2c2e89e5840f712c174ba2118e90fd"
	"cb",
	"de69e9d943a5d0b70be3359a19f317bd9aca4a2ebb4332a39bcdfc97d5fe62f3a777"
	"02f4822c3be531aa7843a1",
	NULL };

/* HPKE takes its algorithms from a suite; the RFC's mix is made here. */
static struct crypto_suite case_suite(const struct hpke_case *c)
{
	struct crypto_suite suite = { .hash = c->hash,
		.aead = c->aead,
		.kem = (enum crypto_kem)c->kem };

	suite.hash_bytes = crypto_hash_bytes(c->hash);
	suite.aead_key_bytes = crypto_aead_key_bytes(c->aead);
	suite.kem_public_bytes = strlen(c->pk_r) / 2;
	suite.kem_private_bytes = strlen(c->sk_r) / 2;
	return suite;
}

static void check_derived(const struct hpke_case *c,
    const struct crypto_key *key)
{
	struct hex sk = hex_of(c->sk_r), pk = hex_of(c->pk_r);
	struct kk_bytes private;

	CHECK_EQ(crypto_key_public(key).bytes, pk.bytes);
	CHECK_MEM(crypto_key_public(key).data, pk.data, pk.bytes);
	CHECK_OK(crypto_key_export(key, &private));
	CHECK_EQ(private.bytes, sk.bytes);
	CHECK_MEM(private.data, sk.data, sk.bytes);
	kk_bytes_clear(&private);
}

static void check_case(const struct hpke_case *c)
{
	struct crypto_suite suite = case_suite(c);
	struct hex ikm = hex_of(c->ikm_r), enc = hex_of(c->enc);
	struct hex ct = hex_of(c->ct), pt = hex_of(pt_hex);
	struct hex aad = hex_of(aad_hex), info = hex_of(info_hex);
	struct hex psk = hex_of(psk_hex), psk_id = hex_of(psk_id_hex), want;
	struct crypto_hpke_psk both = { hex_view(&psk), hex_view(&psk_id) };
	struct crypto_key *key = NULL;
	uint8_t out[64];

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_kem_key_derive(&key, suite.kem, hex_view(&ikm)));
	check_derived(c, key);
	CHECK_OK(crypto_hpke_open(&suite, key, hex_view(&enc), hex_view(&info),
	    hex_view(&aad), hex_view(&ct), c->is_psk ? &both : NULL, out));
	CHECK_MEM(out, pt.data, pt.bytes);
	/* The other mode must not open it. */
	CHECK_ERR(crypto_hpke_open(&suite, key, hex_view(&enc), hex_view(&info),
		      hex_view(&aad), hex_view(&ct), c->is_psk ? NULL : &both,
		      out),
	    KK_EAUTH);
	if (c->exported) {
		want = hex_of(c->exported);
		CHECK_OK(crypto_hpke_export_receive(&suite, key, hex_view(&enc),
		    hex_view(&info), kk_view_text("TestContext"), out, 32));
		CHECK_MEM(out, want.data, 32);
	}
	crypto_key_free(key);
}

TEST(hpke_opens_rfc_9180_a1_x25519_base)
{
	check_case(&a1_base);
}

TEST(hpke_opens_rfc_9180_a1_x25519_psk)
{
	check_case(&a1_psk);
}

TEST(hpke_opens_rfc_9180_a3_p256_base)
{
	check_case(&a3_base);
}

TEST(hpke_opens_rfc_9180_a3_p256_psk)
{
	check_case(&a3_psk);
}

TEST(hpke_opens_rfc_9180_a6_p521_base)
{
	check_case(&a6_base);
}

TEST(hpke_opens_rfc_9180_a6_p521_psk)
{
	check_case(&a6_psk);
}

struct sealed {
	const struct crypto_suite *suite;
	struct crypto_key *key;
	struct kk_view info, aad, pt;
	struct hex enc, ct;
};

static struct sealed sealed_make(const struct crypto_suite *suite,
    const struct crypto_hpke_psk *psk)
{
	struct sealed s = { suite, NULL, kk_view_text("info"),
		kk_view_text("aad"), kk_view_text("a secret of ours"),
		{ .bytes = suite->kem_public_bytes }, { .bytes = 32 } };

	CHECK_OK(crypto_kem_key_generate(&s.key, suite->kem));
	CHECK_OK(crypto_hpke_seal(suite, crypto_key_public(s.key), s.info,
	    s.aad, s.pt, psk, s.enc.data, s.ct.data));
	return s;
}

static enum kk_err sealed_open(const struct sealed *s,
    const struct crypto_hpke_psk *psk, uint8_t *out)
{
	return crypto_hpke_open(s->suite, s->key, hex_view(&s->enc), s->info,
	    s->aad, hex_view(&s->ct), psk, out);
}

TEST(hpke_opens_what_it_seals_in_all_suites_and_modes)
{
	struct crypto_hpke_psk psk = { kk_view_text("a pre-shared key"),
		kk_view_text("its name") };

	CHECK_OK(crypto_init());
	for (uint16_t id = 1; id <= 7; id++) {
		const struct crypto_suite *suite = crypto_suite_get(id);

		if (!suite)
			continue;
		for (int mode = 0; mode < 2; mode++) {
			const struct crypto_hpke_psk *p = mode ? &psk : NULL;
			struct sealed s = sealed_make(suite, p);
			uint8_t out[16];

			CHECK_OK(sealed_open(&s, p, out));
			CHECK_MEM(out, s.pt.data, s.pt.bytes);
			crypto_key_free(s.key);
		}
	}
}

TEST(hpke_refuses_other_info_aad_enc_ct_psk_and_wipes)
{
	struct crypto_hpke_psk psk = { kk_view_text("a pre-shared key"),
		kk_view_text("its name") };
	struct crypto_hpke_psk other = { kk_view_text("a pre-shared kez"),
		kk_view_text("its name") };
	const uint8_t zero[16] = { 0 };
	uint8_t out[16];
	struct sealed s, bad;

	CHECK_OK(crypto_init());
	s = sealed_make(crypto_suite_get(2), &psk);
	bad = s;
	bad.info = kk_view_text("inf0");
	CHECK_ERR(sealed_open(&bad, &psk, out), KK_EAUTH);
	bad = s;
	bad.aad = kk_view_text("");
	CHECK_ERR(sealed_open(&bad, &psk, out), KK_EAUTH);
	CHECK_ERR(sealed_open(&s, &other, out), KK_EAUTH);
	other = psk;
	other.psk_id = kk_view_text("its nam");
	CHECK_ERR(sealed_open(&s, &other, out), KK_EAUTH);
	bad = s;
	bad.ct.data[3] ^= 4;
	memset(out, 0xee, sizeof(out));
	CHECK_ERR(sealed_open(&bad, &psk, out), KK_EAUTH);
	CHECK_MEM(out, zero, sizeof(out));
	bad = s; /* a point off the curve, before any AEAD work */
	bad.enc.data[64] ^= 1;
	memset(out, 0xee, sizeof(out));
	CHECK_ERR(sealed_open(&bad, &psk, out), KK_EINVAL);
	CHECK_MEM(out, zero, sizeof(out));
	bad = s;
	bad.enc.bytes--;
	CHECK_ERR(sealed_open(&bad, &psk, out), KK_EINVAL);
	bad = s;
	bad.ct.bytes = 15;
	CHECK_ERR(sealed_open(&bad, &psk, out), KK_ETRUNC);
	CHECK_OK(sealed_open(&s, &psk, out));
	crypto_key_free(s.key);
}

TEST(hpke_refuses_half_a_psk)
{
	struct crypto_hpke_psk no_id = { kk_view_text("key"), { 0 } };
	struct crypto_hpke_psk no_psk = { { 0 }, kk_view_text("name") };
	struct sealed s;
	uint8_t enc[65], ct[32];

	CHECK_OK(crypto_init());
	s = sealed_make(crypto_suite_get(2), NULL);
	CHECK_ERR(crypto_hpke_seal(s.suite, crypto_key_public(s.key), s.info,
		      s.aad, s.pt, &no_id, enc, ct),
	    KK_EINVAL);
	CHECK_ERR(crypto_hpke_seal(s.suite, crypto_key_public(s.key), s.info,
		      s.aad, s.pt, &no_psk, enc, ct),
	    KK_EINVAL);
	CHECK_ERR(sealed_open(&s, &no_id, ct), KK_EINVAL);
	crypto_key_free(s.key);
}

TEST(hpke_refuses_keys_of_another_kind)
{
	struct crypto_key *sig = NULL, *p384 = NULL;
	struct sealed s;
	uint8_t out[16];

	CHECK_OK(crypto_init());
	s = sealed_make(crypto_suite_get(2), NULL);
	CHECK_OK(crypto_sig_key_generate(&sig, CRYPTO_ECDSA_P256_SHA256));
	CHECK_OK(crypto_kem_key_generate(&p384, CRYPTO_DHKEM_P384));
	crypto_key_free(s.key);
	s.key = sig;
	CHECK_ERR(sealed_open(&s, NULL, out), KK_EINVAL);
	s.key = p384;
	CHECK_ERR(sealed_open(&s, NULL, out), KK_EINVAL);
	CHECK_ERR(crypto_hpke_seal(s.suite, crypto_key_public(p384), s.info,
		      s.aad, s.pt, NULL, s.enc.data, s.ct.data),
	    KK_EINVAL);
	crypto_key_free(sig);
	crypto_key_free(p384);
}

/* RFC 9180, 7.1.4: low-order points lead to a secret of zeroes. */
static void check_all_zero(const struct crypto_suite *suite, size_t bytes)
{
	struct hex point = hex_run(0, bytes);
	struct kk_view none = { 0 };
	struct sealed s;
	uint8_t out[16];

	s = sealed_make(suite, NULL);
	for (uint8_t first = 0; first < 2; first++) { /* the points 0 and 1 */
		point.data[0] = first;
		s.enc = point;
		CHECK_ERR(sealed_open(&s, NULL, out), KK_EINVAL);
		CHECK_ERR(crypto_hpke_seal(suite, hex_view(&point), none, none,
			      s.pt, NULL, s.enc.data, s.ct.data),
		    KK_EINVAL);
	}
	crypto_key_free(s.key);
}

TEST(hpke_refuses_an_all_zero_secret_on_x25519)
{
	CHECK_OK(crypto_init());
	if (crypto_suite_get(1))
		check_all_zero(crypto_suite_get(1), 32);
	else
		SKIP("suite 1 is not configured");
}

TEST(hpke_refuses_an_all_zero_secret_on_x448)
{
	CHECK_OK(crypto_init());
	if (crypto_suite_get(4))
		check_all_zero(crypto_suite_get(4), 56);
	else
		SKIP("suite 4 is not configured");
}

TEST(hpke_exports_the_same_on_both_sides)
{
	CHECK_OK(crypto_init());
	for (uint16_t id = 1; id <= 7; id++) {
		const struct crypto_suite *suite = crypto_suite_get(id);
		struct kk_view info = kk_view_text("info");
		struct kk_view context = kk_view_text("context");
		uint8_t enc[CRYPTO_KEM_PUBLIC_MAX_BYTES], a[70], b[70];
		struct crypto_key *key = NULL;

		if (!suite)
			continue;
		CHECK_OK(crypto_kem_key_generate(&key, suite->kem));
		CHECK_OK(crypto_hpke_export_send(suite, crypto_key_public(key),
		    info, context, enc, a, sizeof(a)));
		CHECK_OK(crypto_hpke_export_receive(suite, key,
		    kk_view_of(enc, suite->kem_public_bytes), info, context, b,
		    sizeof(b)));
		CHECK_MEM(a, b, sizeof(a));
		crypto_key_free(key);
	}
}
