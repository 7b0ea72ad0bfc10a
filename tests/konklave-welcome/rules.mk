# The real konklave-welcome with the real keyd and konklave-config, plain and with
# sanitizers; a script plays systemd and the mounting of sticks.
welcome-tap = $(call tap-script,konklave-welcome-$(1), \
    $(addprefix $(call bin-dir,$(1))/,konklave-welcome konklave-config keyd) \
    $(O)/bin/konklave-pki, \
    env KK_BIN=$(abspath $(call bin-dir,$(1))) KK_PKI=$(abspath $(O)/bin/konklave-pki) \
    node --test-reporter=tap tests/konklave-welcome/welcome.test.mjs)
$(foreach v,gcc asan,$(eval $(call welcome-tap,$(v))))
