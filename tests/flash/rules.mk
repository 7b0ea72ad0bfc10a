flash-test = $(call tap-script,flash-$(1),$(bin-dir-$(1))/konklave-flash, \
    env KK_FLASH=$(bin-dir-$(1))/konklave-flash node --test-reporter=tap \
    tests/flash/flash.test.mjs)
bin-dir-gcc := $(O)/bin
bin-dir-asan := $(O)/asan/bin
$(foreach v,gcc asan,$(eval $(call flash-test,$(v))))
