# Tests of the whole, and their tools.
$(eval $(call program,gcc,$(O)/bin/shaper, \
    $(call objects,gcc,tests/system/shaper.c),,,))

SYSTEM_NODE := env KK_SHAPER=$(O)/bin/shaper $(NODE_TEST)
$(eval $(call tap-script,system-search,,$(SYSTEM_NODE) \
    tests/system/search.test.mjs))
$(eval $(call tap-script,system-shaper,$(O)/bin/shaper,$(SYSTEM_NODE) \
    tests/system/shaper.test.mjs))
$(eval $(call tap-script,system-phones,,$(SYSTEM_NODE) \
    tests/system/phones.test.mjs))
$(eval $(call tap-script,system-tools,,$(SYSTEM_NODE) \
    tests/system/tools.test.mjs))

# The whole: the programs, the page, browsers.  Chromium is driven by the page's
# playwright-core; Debian's Firefox by puppeteer-core, since playwright drives only
# a Firefox of its own making.
SYSTEM_NPM := $(O)/npm/tests/system
SYSTEM_NEEDS := $(addprefix $(O)/bin/,sandbox shaper $(BINS)) \
    $(WEB)/index.html $(SYSTEM_NPM)/installed $(PROMPTS)
SYSTEM_ENV := KK_BIN=$(abspath $(O)/bin) KK_PAGE=$(abspath $(WEB)) \
    KK_MODULES=$(abspath $(WEB_NPM))/node_modules KK_OUT=$(abspath $(O))/system \
    KK_FIREFOX_MODULES=$(abspath $(SYSTEM_NPM))/node_modules \
    KK_SHAPER=$(abspath $(O))/bin/shaper KK_PROMPTS=$(abspath $(O))/prompts
SYSTEM_TESTS := $(patsubst tests/system/%.test.mjs,%, \
    $(filter-out %/search.test.mjs %/shaper.test.mjs %/tools.test.mjs \
    %/phones.test.mjs, \
    $(wildcard tests/system/*.test.mjs)))
$(foreach t,$(SYSTEM_TESTS),$(eval $(call tap-script,system-$(t), \
    $(SYSTEM_NEEDS),env $(SYSTEM_ENV) $(NODE_TEST) \
    tests/system/$(t).test.mjs)))

.PHONY: test-system
test-system: $(foreach t,$(SYSTEM_TESTS),$(TAP)/system-$(t).t)
	$(Q)$(PROVE) $^
