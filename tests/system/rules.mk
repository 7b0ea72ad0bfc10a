# Tests of the whole, and their tools.
$(eval $(call program,gcc,$(O)/bin/shaper, \
    $(call objects,gcc,tests/system/shaper.c),,,))

SYSTEM_NODE := env KK_SHAPER=$(O)/bin/shaper node --test-reporter=tap
$(eval $(call tap-script,system-search,,$(SYSTEM_NODE) \
    tests/system/search.test.mjs))
$(eval $(call tap-script,system-shaper,$(O)/bin/shaper,$(SYSTEM_NODE) \
    tests/system/shaper.test.mjs))
$(eval $(call tap-script,system-tools,,$(SYSTEM_NODE) \
    tests/system/tools.test.mjs))
