flash-test = $(call tap-script,flash-$(1),$(bin-dir-$(1))/konklave-flash, \
    env KK_FLASH=$(bin-dir-$(1))/konklave-flash $(NODE_TEST) \
    tests/flash/flash.test.mjs)
bin-dir-gcc := $(O)/bin
bin-dir-asan := $(O)/asan/bin
$(foreach v,gcc asan,$(eval $(call flash-test,$(v))))
$(eval $(call tap-script,flash-loop,$(bin-dir-gcc)/konklave-flash, \
    tests/flash/loop.t $(bin-dir-gcc)/konklave-flash))

# Beside dd, in turns: of so many MiB, so many times.
.PHONY: bench-flash
bench-flash: $(bin-dir-gcc)/konklave-flash
	$(Q)tests/bench/flash/run $< $(or $(SIZE),256) $(or $(ROUNDS),5)
