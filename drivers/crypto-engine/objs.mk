crypto-engine-objs-y := engine.o job.o measure.o ossl.o sandbox.o selftest.o vectors.o
crypto-engine-objs-$(KK_CRYPTO_ENGINE_IPSEC_MB) += ipsec_mb.o
crypto-engine-objs-$(KK_CRYPTO_ENGINE_AF_ALG) += af_alg.o
crypto-engine-libs := base
crypto-engine-pkgs := libcrypto
ifeq ($(KK_CRYPTO_ENGINE_IPSEC_MB),y)
crypto-engine-ldlibs := -lIPSec_MB
endif
