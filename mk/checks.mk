# House checks and `make check`.

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
$(eval $(call tap-script,zones,$(call bins-of,gcc), \
    tools/tap-command "tools/check-zones" tools/check-zones \
    $(call bins-of,gcc)))
$(eval $(call tap-script,clang-tidy,$(TIDY_STAMPS), \
    tools/stamp tap clang-tidy $(TIDY_STAMPS)))
$(eval $(call tap-script,cppcheck,$(CPPCHECK_STAMPS), \
    tools/stamp tap cppcheck $(CPPCHECK_STAMPS)))
$(foreach v,gcc asan,$(eval $(call tap-script,vectors-$(v), \
    $(call vectors-of,$(v)),tests/vectors/run $(call vectors-of,$(v)))))
fuzz-tap = $(call tap-script,fuzz-$(1),$(O)/fuzz/bin/$(1), \
    tools/tap-command "fuzz $(1) for $(FUZZ_SECONDS) s" \
    tools/fuzz-run --same $(O)/fuzz/bin/$(1) $(FUZZ_SECONDS))
$(foreach f,$(FUZZERS),$(eval $(call fuzz-tap,$(f))))

# The sanitizers' build is clang's, with all warnings; plain clang's is for
# `make VARIANT=clang test`.  With sanitizers the fuzzers run the seeds.
CHECKED := $(foreach v,asan gcc,$(call tests-of,$(v))) $(O)/tsan/tests/sfud \
    $(call seed-tests-of,gcc)

# The tests of the whole come one at a time: pictures and sound need the machine to
# themselves.  Of the others two run for each job: most of their time they wait.
.PHONY: check
jobs = $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),1)
test_jobs = $(shell expr 2 \* $(jobs))
check: all $(TAPS) $(TOOL_TESTS) $(CHECKED) $(TOOL_TEST_NEEDS)
	@echo "Running tests"
	$(Q)O=$(O) MAKEFLAGS= $(PROVE) -j$(test_jobs) --timer --directives --failures \
	    --rules='seq=$(TAP)/system-*.t' --rules='par=**' \
	    $(CHECKED) $(TOOL_TESTS) $(TAPS)
