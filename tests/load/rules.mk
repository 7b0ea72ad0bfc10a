# The load program and the forwarder together.
$(eval $(call tap-script,load-deliver, \
    $(addprefix $(O)/bin/,load sfud bench-floor), \
    env KK_BIN=$(abspath $(O))/bin $(NODE_TEST) \
    tests/load/deliver.test.mjs))
