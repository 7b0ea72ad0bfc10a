# Static analysis, one stamp a file.  Whatever changes here, does all of it anew.

C_FILES := $(sort $(shell find firmware drivers pipelines tests tools \
    -name node_modules -prune -o \( -name '*.[ch]' -o -name '*.cc' \) \
    -print 2>/dev/null))
# Those that fail on purpose have nothing to be analysed, and what is written
# for Emscripten alone is seen by its compiler only.
SOURCES := $(filter-out tests/build/failing/% firmware/web/core/random.c, \
    $(filter %.c,$(C_FILES)))
CXX_SOURCES := $(filter %.cc,$(C_FILES))

analysis-flags = -std=c11 -I. -Ifirmware -Itests \
    $(call pkg-cflags,$(sort $(foreach l,$(LIBS),$(lib-pkgs-$(l))) libsystemd))
CXX_ANALYSIS = $(patsubst -I/%,-isystem/%,$(patsubst -std=%,-std=c++17, \
    $(analysis-flags)))
# The analyzer's depth, in states a function: its own 225000 takes twice the time.
TIDY_NODES ?= 60000
TIDY := clang-tidy --quiet $(foreach a,-Xclang -analyzer-config \
    -Xclang max-nodes=$(TIDY_NODES),--extra-arg=$(a))
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

$(O)/tidy/%.c.ok: %.c .clang-tidy tests/.clang-tidy mk/analysis.mk | $(AUTOCONF)
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)$(header-deps)
	$(Q)tools/stamp run $@ $(TIDY) $< -- $(analysis-flags) \
	    -include $(AUTOCONF_H)

$(O)/tidy/%.cc.ok: %.cc .clang-tidy mk/analysis.mk | $(AUTOCONF)
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)g++ $(CXX_ANALYSIS) -include $(AUTOCONF_H) -MM -MP -MT $@ -MF $@.d $<
	$(Q)tools/stamp run $@ $(TIDY) \
	    --checks=-performance-enum-size $< -- $(CXX_ANALYSIS) \
	    -include $(AUTOCONF_H)

$(O)/cppcheck/%.c.ok: %.c mk/analysis.mk | $(AUTOCONF)
	$(call say,CPPCHECK,$<)
	@mkdir -p $(@D)
	$(Q)$(header-deps)
	$(Q)tools/stamp run $@ $(CPPCHECK) -I. -Ifirmware -Itests \
	    --include=$(AUTOCONF_H) $<

-include $(addsuffix .d,$(TIDY_STAMPS) $(CPPCHECK_STAMPS))
