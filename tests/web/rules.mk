# tests/web/NAME.test.mjs tests the web client under Node; support.mjs and ca.mjs
# are shared.
WEB_TESTS := $(patsubst tests/web/%.test.mjs,web-%, \
    $(wildcard tests/web/*.test.mjs))
WEB_NODE := env KK_WASM=$(abspath $(WASM)) node --expose-gc \
    --disallow-code-generation-from-strings --test-reporter=tap

web-tap = $(call tap-script,$(1),$(WASM)/konklave-core.mjs $(WASM)/core.js, \
    $(WEB_NODE) $(patsubst web-%,tests/web/%.test.mjs,$(1)))
$(foreach t,$(WEB_TESTS),$(eval $(call web-tap,$(t))))
WEB_TAPS := $(patsubst %,$(TAP)/%.t,$(WEB_TESTS))

.PHONY: test-web
test-web: $(WEB_TAPS)
	$(Q)$(PROVE) $^
