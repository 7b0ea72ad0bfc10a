# The real konklave-config, plain and with sanitizers.
config-tap = $(call tap-script,config-$(1),$(call bin-dir,$(1))/konklave-config, \
    env KK_CONFIG=$(abspath $(call bin-dir,$(1)))/konklave-config \
    $(NODE_TEST) tests/config/config.test.mjs)
$(foreach v,gcc asan,$(eval $(call config-tap,$(v))))
# A box's lines by its profile alone: units, programs, a telephone.
$(eval $(call tap-script,config-lines,$(addprefix $(O)/bin/,keyd roomd sfud mixd \
    lined konklave-config) $(PROMPTS),env KK_BIN=$(abspath $(O)/bin) \
    KK_PROMPTS=$(abspath $(O)/prompts) $(NODE_TEST) \
    tests/config/lines.test.mjs))
