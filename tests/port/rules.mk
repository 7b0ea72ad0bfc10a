# konklave-port, with sanitizers, against a switch of its own: hostapd, in a network of its own.
port-tap = $(call tap-script,port-$(1),$(addprefix $(call bin-dir,$(1))/, \
    konklave-port konklave-config konklave-pki), \
    env KK_BIN=$(abspath $(call bin-dir,$(1))) \
    $(NODE_TEST) tests/port/port.test.mjs)
$(eval $(call port-tap,asan))
