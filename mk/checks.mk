# House checks, static analysis, and `make check`.

C_FILES := $(sort $(shell find firmware drivers pipelines tests tools \
    -name node_modules -prune -o \( -name '*.[ch]' -o -name '*.cc' \) \
    -print 2>/dev/null))
# Those that fail on purpose have nothing to be analysed, and what is written
# for Emscripten alone is seen by its compiler only.
SOURCES := $(filter-out tests/build/failing/% firmware/web/core/random.c, \
    $(filter %.c,$(C_FILES)))
CXX_SOURCES := $(filter %.cc,$(C_FILES))

# --- static analysis, one stamp a file ------------------------------------

analysis-flags = -std=c11 -I. -Ifirmware -Itests \
    $(call pkg-cflags,$(sort $(foreach l,$(LIBS),$(lib-pkgs-$(l))) libsystemd))
CXX_ANALYSIS = $(patsubst -I/%,-isystem/%,$(patsubst -std=%,-std=c++17, \
    $(analysis-flags)))
CPPCHECK := cppcheck -q --std=c11 --error-exitcode=1 --inline-suppr \
    --enable=warning,performance,portability \
    '-DG_DEFINE_TYPE(a,b,c)=' '-DG_DECLARE_FINAL_TYPE(a,b,c,d,e)=' \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    --suppress=internalAstError --suppress=uninitvar \
    --suppress=nullPointerOutOfMemory --suppress=arrayIndexThenCheck \
    --suppress=nullPointerArithmeticOutOfMemory

TIDY_STAMPS := $(patsubst %,$(O)/tidy/%.ok,$(SOURCES) $(CXX_SOURCES))
CPPCHECK_STAMPS := $(patsubst %.c,$(O)/cppcheck/%.c.ok,$(SOURCES))

# Each stamp is as old as the headers it has seen.
header-deps = gcc $(analysis-flags) -include $(AUTOCONF_H) -MM -MP -MT $@ \
    -MF $@.d $<

$(O)/tidy/%.c.ok: %.c .clang-tidy tests/.clang-tidy mk/checks.mk | $(AUTOCONF)
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)$(header-deps)
	$(Q)tools/stamp run $@ clang-tidy --quiet $< -- $(analysis-flags) \
	    -include $(AUTOCONF_H)

$(O)/tidy/%.cc.ok: %.cc .clang-tidy mk/checks.mk | $(AUTOCONF)
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)g++ $(CXX_ANALYSIS) -include $(AUTOCONF_H) -MM -MP -MT $@ -MF $@.d $<
	$(Q)tools/stamp run $@ clang-tidy --quiet \
	    --checks=-performance-enum-size $< -- $(CXX_ANALYSIS) \
	    -include $(AUTOCONF_H)

$(O)/cppcheck/%.c.ok: %.c mk/checks.mk | $(AUTOCONF)
	$(call say,CPPCHECK,$<)
	@mkdir -p $(@D)
	$(Q)$(header-deps)
	$(Q)tools/stamp run $@ $(CPPCHECK) -I. -Ifirmware -Itests \
	    --include=$(AUTOCONF_H) $<

-include $(addsuffix .d,$(TIDY_STAMPS) $(CPPCHECK_STAMPS))

.PHONY: format tidy cppcheck style
format:
	$(Q)clang-format -i $(C_FILES)
tidy: $(TIDY_STAMPS)
	$(Q)tools/stamp tap clang-tidy $^
cppcheck: $(CPPCHECK_STAMPS)
	$(Q)tools/stamp tap cppcheck $^
style:
	$(Q)tools/check-style
	$(Q)tools/check-includes

# --- tests of the tools ---------------------------------------------------

# Programs that break a zone's rule, and harness tests that fail on purpose.
ZONE_TESTS := $(patsubst tests/build/zones/%.c,%, \
    $(wildcard tests/build/zones/*.c))
zone-rules = $(call program,gcc,$(O)/gcc/zones/$(1), \
    $(call objects,gcc,tests/build/zones/$(1).c),base,,)
$(foreach z,$(ZONE_TESTS),$(eval $(call zone-rules,$(z))))

harness-rules = $(call program,$(1),$(O)/$(1)/failing, \
    $(call objects,$(1),$(wildcard tests/build/failing/*.c) $(TEST_SUPPORT)), \
    base,,$(WRAP))
$(foreach v,$(TEST_VARIANTS),$(eval $(call harness-rules,$(v))))

TOOL_TESTS := $(wildcard tests/build/*.t)
TOOL_TEST_NEEDS := $(addprefix $(O)/gcc/zones/,$(ZONE_TESTS)) \
    $(addsuffix /failing,$(addprefix $(O)/,$(TEST_VARIANTS)))

# --- check ----------------------------------------------------------------

$(eval $(call tap-script,house,, \
    tools/tap-command "tools/check-style" tools/check-style -- \
    "tools/check-includes" tools/check-includes))
$(eval $(call tap-script,zones,$(foreach v,gcc clang,$(call bins-of,$(v))), \
    tools/tap-command "tools/check-zones" tools/check-zones \
    $(foreach v,gcc clang,$(call bins-of,$(v)))))
$(eval $(call tap-script,clang-tidy,$(TIDY_STAMPS), \
    tools/stamp tap clang-tidy $(TIDY_STAMPS)))
$(eval $(call tap-script,cppcheck,$(CPPCHECK_STAMPS), \
    tools/stamp tap cppcheck $(CPPCHECK_STAMPS)))
$(foreach v,gcc asan,$(eval $(call tap-script,vectors-$(v), \
    $(call vectors-of,$(v)),tests/vectors/run $(call vectors-of,$(v)))))
fuzz-tap = $(call tap-script,fuzz-$(1),$(O)/fuzz/bin/$(1), \
    tools/tap-command "fuzz $(1) for $(FUZZ_SECONDS) s" \
    tools/fuzz-run $(O)/fuzz/bin/$(1) $(FUZZ_SECONDS))
$(foreach f,$(FUZZERS),$(eval $(call fuzz-tap,$(f))))

# The sanitizers' build is clang's, with all warnings: plain clang's programs are
# built for check-zones, its tests are for `make VARIANT=clang test`.
CHECKED := $(foreach v,asan gcc,$(call tests-of,$(v))) $(O)/tsan/tests/sfud \
    $(foreach v,asan gcc,$(call seed-tests-of,$(v)))

# The tests of the whole come first, one at a time: pictures and sound need the
# machine to themselves.
.PHONY: check
jobs = $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),1)
check: all $(TAPS) $(TOOL_TESTS) $(CHECKED) $(TOOL_TEST_NEEDS)
	@echo "Running tests"
	$(Q)O=$(O) MAKEFLAGS= $(PROVE) -j$(jobs) --directives --failures \
	    --rules='seq=$(TAP)/system-*.t' --rules='par=**' \
	    $(CHECKED) $(TOOL_TESTS) $(TAPS)
