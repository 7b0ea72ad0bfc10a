crypto-objs-y := aead.o checks.o der.o hash.o hpke.o key.o labels.o params.o \
	start.o suite.o psa.o psa_aead.o psa_dh.o psa_hash.o psa_sig.o
crypto-objs-$(KK_CRYPTO_OPENSSL) += ossl.o ossl_aead.o ossl_dh.o ossl_ec.o \
	ossl_hash.o ossl_sig.o
crypto-libs := base
crypto-pkgs := mbedcrypto mbedx509
ifeq ($(KK_CRYPTO_OPENSSL),y)
crypto-pkgs += libcrypto
endif
crypto-objs-y += x509_cert.o x509_chain.o x509_crl.o x509_der.o x509_name.o \
	x509_pem.o x509_request.o x509_sig.o x509_time.o x509_trust.o
