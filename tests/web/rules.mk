# firmware/sframe as a program, to seal and open for the page's frames.
SFRAME_PEER := $(O)/gcc/sframe-peer
$(eval $(call program,gcc,$(SFRAME_PEER), \
    $(call objects,gcc,tests/web/peer/sframe.c),base sframe,,))

# tests/web/NAME.test.mjs tests the web client under Node; the other files are
# shared.  page*.test.mjs drive the built page in Chromium.
WEB_TESTS := $(patsubst tests/web/%.test.mjs,web-%, \
    $(wildcard tests/web/*.test.mjs))
WEB_ENV := env KK_WASM=$(abspath $(WASM)) KK_WEB=$(abspath $(WEB)) \
    KK_WEB_JS=$(abspath $(WEB_JS)) KK_SFRAME_PEER=$(abspath $(SFRAME_PEER)) \
    KK_WEB_MODULES=$(abspath $(WEB_NPM))/node_modules
# Nothing of ours makes code from text; playwright-core does.
web-node = $(WEB_ENV) $(NODE_TEST) --expose-gc \
    $(if $(filter web-page%,$(1)),,--disallow-code-generation-from-strings)

web-tap = $(call tap-script,$(1),$(WEB)/index.html $(SFRAME_PEER), \
    $(call web-node,$(1)) $(patsubst web-%,tests/web/%.test.mjs,$(1)))
$(foreach t,$(WEB_TESTS),$(eval $(call web-tap,$(t))))
WEB_TAPS := $(patsubst %,$(TAP)/%.t,$(WEB_TESTS))

.PHONY: test-web
test-web: $(WEB_TAPS)
	$(Q)$(PROVE) $^

# The official vectors through the same C code in WebAssembly.  The programs are
# those of tests/vectors/ with JSON by JavaScript, and with the curves that the
# core's mbedTLS lacks by Node's crypto, so that no case is left out.
VEC := $(WASM)/vectors
VEC_DIR := tests/web/vectors
VEC_LDFLAGS := -O2 -sENVIRONMENT=node -sALLOW_MEMORY_GROWTH -sEXIT_RUNTIME \
    -sINITIAL_MEMORY=16MB -sMAXIMUM_MEMORY=1GB -sSTACK_SIZE=1MB \
    --js-library $(VEC_DIR)/json_library.js \
    --js-library $(VEC_DIR)/node_library.js

# start.c and suite.c are told of a second backend, which is node_crypto.c.
VEC_CFLAGS := $(WASM_CFLAGS) -DKK_CRYPTO_OPENSSL -DKK_MLS_ALL_SUITES \
    -Itests/vectors/common
VEC_SUITE := $(addprefix $(VEC)/obj/firmware/crypto/,start.o suite.o)
vec-objs = $(patsubst %.c,$(VEC)/obj/%.o,$(wildcard tests/vectors/$(1)/*.c) \
    $(wildcard $(VEC_DIR)/*.c) tests/vectors/common/report.c \
    tests/vectors/common/values.c) $(VEC_SUITE) \
    $(filter-out %/crypto/start.o %/crypto/suite.o,$(WASM_LIB_OBJS)) $(WASM)/obj/firmware/wire/sframe_header.o \
    $(call wasm-lib,sframe) $(call wasm-objs,$(WASM_DIR)/random.c)

$(VEC)/obj/%.o: %.c $(WASM)/flags tests/web/rules.mk
	$(call say,EMCC,$@)
	@mkdir -p $(@D)
	$(Q)emcc $(VEC_CFLAGS) -MMD -MP -c -o $@ $<

# $(1) program
define vec-rules
$(VEC)/$(1): $(call vec-objs,$(1)) $(WASM)/libmbedtls.a \
    $(wildcard $(VEC_DIR)/*.js)
	$$(call say,LINK,$$@)
	$$(Q)emcc $$(VEC_LDFLAGS) -o $$@.cjs $(call vec-objs,$(1)) \
	    $(WASM)/libmbedtls.a
	@printf '#!/bin/sh\nexec node %s "$$$$@"\n' '$$(abspath $$@).cjs' >$$@
	@chmod +x $$@
-include $(patsubst %.o,%.d,$(call vec-objs,$(1)))
endef
VEC_PROGRAMS := mls-vectors sframe-vectors
$(foreach p,$(VEC_PROGRAMS),$(eval $(call vec-rules,$(p))))

$(eval $(call tap-script,vectors-wasm,$(addprefix $(VEC)/,$(VEC_PROGRAMS)), \
    tests/vectors/run $(addprefix $(VEC)/,$(VEC_PROGRAMS))))

.PHONY: bench-mls-wasm
bench-mls-wasm: $(WASM)/konklave-core.mjs $(WASM)/core.js
	env KK_WASM=$(abspath $(WASM)) node tests/bench/mls-wasm.mjs

# The same C code without WebAssembly, with failing allocations and random calls.
CORE_NATIVE := $(filter-out %/api.c %/random.c, \
    $(wildcard $(WASM_DIR)/*.c))
core-rules = $(call program,$(1),$(O)/$(1)/tests/web-core, \
    $(call objects,$(1),$(wildcard tests/web/native/*.c) $(CORE_NATIVE) \
    $(TEST_SUPPORT)),base crypto mls meeting conference,,$(WRAP))
$(foreach v,gcc asan,$(eval $(call core-rules,$(v))))
TAPS += $(O)/gcc/tests/web-core $(O)/asan/tests/web-core
