# The key core for browsers: firmware/base, crypto, mls, meeting, conference and the C
# interface of this folder with mbedTLS from its Debian source, compiled by Emscripten.

WASM := $(O)/wasm
WASM_DIR := firmware/web/core
MBEDTLS_SRC := $(wildcard /usr/src/mbedtls-3.*)

WASM_FLAGS := -O2 -DNDEBUG -DMBEDTLS_CONFIG_FILE='"web/core/mbedtls_config.h"' \
    -Ifirmware -I$(MBEDTLS_SRC)/include
WASM_CFLAGS := $(filter-out -g,$(subst $(AUTOCONF_H),$(WASM_DIR)/config.h, \
    $(COMMON))) $(WASM_FLAGS) -Wno-unused-parameter -fno-common
# 64 MiB hold a meeting of 1000; a page must not take all of a telephone.
WASM_LDFLAGS := -O2 -sMODULARIZE -sEXPORT_ES6 -sENVIRONMENT=web,worker,node \
    -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=2MB -sMAXIMUM_MEMORY=64MB \
    --no-entry -sSTACK_SIZE=256KB -sDYNAMIC_EXECUTION=0 -sFILESYSTEM=0 -sSTRICT \
    -sINCOMING_MODULE_JS_API=wasmBinary,locateFile -sABORTING_MALLOC=0

# What mbedtls_config.h switches on; the other files would be empty.
MBEDTLS_OBJS := $(addprefix $(WASM)/mbedtls/,$(addsuffix .o, \
    aes asn1parse asn1write base64 bignum bignum_core bignum_mod \
    bignum_mod_raw block_cipher chacha20 chachapoly cipher cipher_wrap \
    constant_time ecdh ecdsa ecp ecp_curves ecp_curves_new error gcm hkdf \
    hmac_drbg md oid pem pk pk_ecc pk_wrap pkparse platform platform_util \
    poly1305 psa_crypto psa_crypto_aead psa_crypto_cipher psa_crypto_client \
    psa_crypto_driver_wrappers_no_static psa_crypto_ecp psa_crypto_hash \
    psa_crypto_mac psa_crypto_pake psa_crypto_rsa \
    psa_crypto_slot_management psa_crypto_storage psa_util rsa_alt_helpers \
    sha256 sha512 x509 x509_crl x509_crt))

wasm-objs = $(patsubst %.c,$(WASM)/obj/%.o,$(1))
wasm-lib = $(addprefix $(WASM)/obj/firmware/$(1)/,$(filter-out ossl%, \
    $($(1)-objs-y)))
WASM_LIB_OBJS := $(foreach l,base crypto mls meeting conference,$(call wasm-lib,$(l)))
WASM_CORE_OBJS := $(WASM_LIB_OBJS) \
    $(call wasm-objs,$(wildcard $(WASM_DIR)/*.c))

wasm-flags-text := $(WASM_CFLAGS) $(WASM_LDFLAGS) $(file < /etc/konklave-root)
ifneq ($(call differ,$(wasm-flags-text),$(file < $(WASM)/flags)),)
$(shell mkdir -p $(WASM))
$(file > $(WASM)/flags,$(wasm-flags-text))
endif

$(WASM)/mbedtls/%.o: $(MBEDTLS_SRC)/library/%.c $(WASM_DIR)/mbedtls_config.h \
    $(WASM)/flags
	$(call say,EMCC,$@)
	@mkdir -p $(@D)
	$(Q)emcc $(WASM_FLAGS) -c -o $@ $<

$(WASM)/obj/%.o: %.c $(WASM)/flags
	$(call say,EMCC,$@)
	@mkdir -p $(@D)
	$(Q)emcc $(WASM_CFLAGS) -MMD -MP -c -o $@ $<

$(WASM)/libmbedtls.a: $(MBEDTLS_OBJS)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)emar rcsD $@ $^

-include $(patsubst %.o,%.d,$(WASM_CORE_OBJS))

# --- the module -----------------------------------------------------------

$(WASM)/konklave-core.mjs: $(WASM_CORE_OBJS) $(WASM)/libmbedtls.a $(WASM)/flags
	$(call say,LINK,$@)
	$(Q)emcc $(WASM_LDFLAGS) -sEXPORTED_RUNTIME_METHODS=HEAPU8 -o $@ \
	    $(WASM_CORE_OBJS) $(WASM)/libmbedtls.a

# The operations' numbers stand in ops.def alone.  The TypeScript files meet
# them, and the compiler, in the build folder.
CORE_TS := $(wildcard $(WASM_DIR)/*.ts $(WASM_DIR)/*.mts) \
    $(WASM_DIR)/tsconfig.json
WASM_TS := $(WASM)/ts
TSC := $(O)/npm/firmware/web/node_modules/typescript/bin/tsc

$(WASM_TS)/ops.ts: $(WASM_DIR)/ops.def
	@mkdir -p $(@D)
	@{ echo 'export enum Op {'; sed -n 's/^OP(\(.*\))$$/\t\1,/p' $<; \
	    echo '}'; } >$@

$(WASM)/core.js: $(CORE_TS) $(WASM_TS)/ops.ts $(O)/npm/firmware/web/installed
	$(call say,TSC,$@)
	@cp $(CORE_TS) $(WASM_TS)/
	@echo '{ "type": "module" }' >$(WASM)/package.json
	$(Q)node $(TSC) -p $(WASM_TS)
	@touch $@

# --- npm packages, of the lock's versions, outside of the tree -------------
# What npm loads is kept in the cache folder's home.

npm-install = cp $(<D)/package.json $(<D)/package-lock.json $(<D)/.npmrc \
    $(@D)/ && cd $(@D) && npm ci --ignore-scripts --no-progress --loglevel=error

$(O)/npm/%/installed: %/package-lock.json
	$(call say,NPM,$*)
	@mkdir -p $(@D)
	$(Q)$(npm-install)
	@touch $@

.PHONY: wasm
wasm: $(WASM)/konklave-core.mjs $(WASM)/core.js
	@printf '  %-8s %s bytes, %s gzipped\n' \
	    WASM $$(wc -c <$(WASM)/konklave-core.wasm) \
	    $$(gzip -9c $(WASM)/konklave-core.wasm | wc -c) \
	    JS $$(cat $(WASM)/*.js $(WASM)/konklave-core.mjs | wc -c) \
	    $$(cat $(WASM)/*.js $(WASM)/konklave-core.mjs | gzip -9c | wc -c)
