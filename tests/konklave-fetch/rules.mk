# konklave-fetch and konklave-update against a server of the test's own, plain and
# with sanitizers.
konklave-fetch-tap = $(call tap-script,konklave-fetch-$(1)-$(2), \
    $(addprefix $(call bin-dir,$(1))/,konklave-boot konklave-fetch konklave-update), \
    env KK_BIN=$(abspath $(call bin-dir,$(1))) \
    $(NODE_TEST) tests/konklave-fetch/$(2).test.mjs)
$(eval $(call konklave-fetch-tap,gcc,fetch))
$(foreach t,fetch server,$(eval $(call konklave-fetch-tap,asan,$(t))))

.PHONY: test-konklave-fetch
test-konklave-fetch: $(foreach t,fetch server,$(TAP)/konklave-fetch-asan-$(t).t)
	$(Q)$(PROVE) $^
