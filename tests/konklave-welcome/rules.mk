# The real konklave-welcome with the real keyd and konklave-config, plain and with
# sanitizers; a script plays systemd and the mounting of sticks.  What a library keeps
# for the process's life is not ours.
welcome-tap = $(call tap-script,konklave-welcome-$(1), \
    $(addprefix $(call bin-dir,$(1))/,konklave-welcome konklave-config keyd) \
    $(O)/bin/konklave-pki, \
    env KK_BIN=$(abspath $(call bin-dir,$(1))) KK_PKI=$(abspath $(O)/bin/konklave-pki) \
    LSAN_OPTIONS=print_suppressions=0:suppressions=$(abspath tests/konklave-welcome/leaks.supp) \
    $(NODE_TEST) tests/konklave-welcome/welcome.test.mjs)
$(foreach v,gcc asan,$(eval $(call welcome-tap,$(v))))
# And the certificate that comes later, in a meeting of a real forwarder.
enrol-tap = $(call tap-script,konklave-enrol-$(1), \
    $(addprefix $(call bin-dir,$(1))/,konklave-welcome keyd roomd) $(O)/bin/sfud \
    $(O)/bin/konklave-pki, \
    env KK_BIN=$(abspath $(call bin-dir,$(1))) KK_PKI=$(abspath $(O)/bin/konklave-pki) \
    KK_SFUD=$(abspath $(O)/bin/sfud) \
    LSAN_OPTIONS=print_suppressions=0:suppressions=$(abspath tests/konklave-welcome/leaks.supp) \
    node --test-reporter=tap tests/konklave-welcome/enrol.test.mjs)
$(foreach v,gcc asan,$(eval $(call enrol-tap,$(v))))
