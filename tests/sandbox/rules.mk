# The supervisor, plain and with sanitizers.
sandbox-tap = $(call tap-script,sandbox-$(1), \
    $(addprefix $(call bin-dir,$(1))/,sandbox keyd), \
    env KK_BIN=$(abspath $(call bin-dir,$(1))) \
    $(NODE_TEST) tests/sandbox/sandbox.test.mjs)
$(foreach v,gcc asan,$(eval $(call sandbox-tap,$(v))))

.PHONY: test-sandbox
test-sandbox: $(TAP)/sandbox-$(VARIANT).t
	$(Q)$(PROVE) $<
