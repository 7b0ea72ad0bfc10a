# The real webd, plain and with sanitizers.
webd-tap = $(call tap-script,webd-$(1),$(call bin-dir,$(1))/webd, \
    env KK_WEBD=$(abspath $(call bin-dir,$(1))/webd) \
    $(NODE_TEST) tests/webd/webd.test.mjs)
$(foreach v,gcc asan,$(eval $(call webd-tap,$(v))))

.PHONY: test-webd
test-webd: $(TAP)/webd-$(VARIANT).t
	$(Q)$(PROVE) $<
