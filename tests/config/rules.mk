# The real konklave-config, plain and with sanitizers.
config-tap = $(call tap-script,config-$(1),$(call bin-dir,$(1))/konklave-config, \
    env KK_CONFIG=$(abspath $(call bin-dir,$(1)))/konklave-config \
    node --test-reporter=tap tests/config/config.test.mjs)
$(foreach v,gcc asan,$(eval $(call config-tap,$(v))))
