# Changed bundles, which the program's own code is to refuse (tests/image/bundle.t):
# the real rauc is in the Debian of the image's tools, and starts once for all.
MUTANTS_BIN := $(O)/bin/update-mutants
MUTANTS_SO := $(O)/bin/update-mutants.so
MUTANTS_WRAP := -Wl,--wrap=bundle_seal_check,--wrap=program_run
$(eval $(call program,gcc,$(MUTANTS_BIN), \
    $(call objects,gcc,$(addprefix tests/konklave-update/mutants/,main.c rauc.c) \
	$(addprefix firmware/bin/konklave-update/,bundle.c copy.c info.c)), \
    base program boot bundle call update,libsystemd,$$(MUTANTS_WRAP)))
$(MUTANTS_BIN): $(MUTANTS_SO)
$(MUTANTS_SO): tests/konklave-update/mutants/server.c \
    tests/konklave-update/mutants/server.h $(O)/gcc/flags
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(gcc-cc) $(filter-out -fPIE,$(gcc-cflags)) -fPIC -shared -o $@ $<
