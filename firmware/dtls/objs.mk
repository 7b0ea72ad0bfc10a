dtls-common-objs := cookie.o dtls.o fingerprint.o identity.o keys.o \
	queue.o record.o state.o
dtls-objs-$(KK_DTLS_OPENSSL) += ossl.o ossl_flight.o ossl_identity.o ossl_tail.o
dtls-objs-$(KK_DTLS_MBEDTLS) += mbed.o mbed_identity.o
# Without a backend there is no library.
dtls-objs-y := $(if $(dtls-objs-y),$(dtls-objs-y) $(dtls-common-objs))
dtls-libs := base
dtls-pkgs :=
ifeq ($(KK_DTLS_OPENSSL),y)
dtls-pkgs += libssl libcrypto
endif
ifeq ($(KK_DTLS_MBEDTLS),y)
dtls-pkgs += mbedtls mbedx509 mbedcrypto
endif
