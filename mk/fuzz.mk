# Fuzz targets.  tests/fuzz/NAME.c has LLVMFuzzerTestOneInput() for the library
# before its first underscore (its first line may name more: /* libs: a b */; its
# next two lines files of a program that uses libsystemd: /* files: a.c b.c */);
# tests/fuzz/corpus/NAME/ are its seeds.

FUZZERS := $(filter-out driver,$(patsubst tests/fuzz/%.c,%, \
    $(wildcard tests/fuzz/*.c)))
FUZZERS := $(foreach f,$(FUZZERS),$(if $(call is-on,$(call library-of,$(f))),$(f)))
FUZZ_SECONDS ?= $(if $(filter check,$(MAKECMDGOALS)),3,60)

files-in = $(wildcard $(shell sed -n '2,3s,^/\* files: \(.*\) \*/.*,\1,p' $(1)))
fuzz-files = tests/fuzz/$(1).c $(call files-in,tests/fuzz/$(1).c)
fuzz-pkgs = $(if $(call files-in,tests/fuzz/$(1).c),libsystemd)
# libFuzzer's programs ...
fuzz-rules = $(call program,fuzz,$(O)/fuzz/bin/$(1), \
    $(call objects,fuzz,$(call fuzz-files,$(1))), \
    $(call libs-for,$(1),tests/fuzz/$(1).c),$(call fuzz-pkgs,$(1)),-fsanitize=fuzzer)
# ... and ordinary tests that run the seeds alone.
seed-rules = $(call program,$(1),$(O)/$(1)/fuzz/$(2), \
    $(call objects,$(1),$(call fuzz-files,$(2)) tests/fuzz/driver.c), \
    $(call libs-for,$(2),tests/fuzz/$(2).c),$(call fuzz-pkgs,$(2)),)
$(foreach f,$(FUZZERS),$(eval $(call fuzz-rules,$(f))))
$(foreach v,gcc asan, \
    $(foreach f,$(FUZZERS),$(eval $(call seed-rules,$(v),$(f)))))
fuzzers := $(addprefix $(O)/fuzz/bin/,$(FUZZERS))
seed-tests-of = $(addprefix $(O)/$(1)/fuzz/,$(FUZZERS))

.PHONY: fuzz $(addprefix fuzz-,$(FUZZERS))
fuzz: $(addprefix fuzz-,$(FUZZERS))
$(addprefix fuzz-,$(FUZZERS)): fuzz-%: $(O)/fuzz/bin/%
	$(call say,FUZZ,"$* for $(FUZZ_SECONDS) s")
	$(Q)tools/fuzz-run $< $(FUZZ_SECONDS)
