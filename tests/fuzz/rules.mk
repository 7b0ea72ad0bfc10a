# tests/fuzz/seeds/NAME.c makes seeds of fuzz targets, anew each time:
# `make fuzz-seeds-NAME`, when their format changes.

FUZZ_SEEDERS := $(patsubst tests/fuzz/seeds/%.c,%,$(wildcard tests/fuzz/seeds/*.c))
seeder-rules = $(call program,gcc,$(O)/fuzz/seeds/$(1), \
    $(call objects,gcc,tests/fuzz/seeds/$(1).c),base $(call lib-named,$(1)),)
$(foreach s,$(FUZZ_SEEDERS),$(eval $(call seeder-rules,$(s))))

.PHONY: $(addprefix fuzz-seeds-,$(FUZZ_SEEDERS))
$(addprefix fuzz-seeds-,$(FUZZ_SEEDERS)): fuzz-seeds-%: $(O)/fuzz/seeds/%
	$<
