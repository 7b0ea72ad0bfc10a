config-test = $(call tap-script,config-$(1),$(bin-dir-$(1))/konklave-config, \
    env KK_CONFIG=$(bin-dir-$(1))/konklave-config node --test-reporter=tap \
    tests/config/config.test.mjs)
$(foreach v,gcc asan,$(eval $(call config-test,$(v))))
