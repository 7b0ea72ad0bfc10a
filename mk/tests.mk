# Test programs.  tests/X/, tests/drivers/CLASS/ and tests/pipelines/X/ test the
# library of their name: one TAP program each, in build/VARIANT/tests/.  An
# objs.mk may add libraries (test-NAME-libs), packages (test-NAME-pkgs), link
# flags (test-NAME-ldflags), and files of a program to be linked in
# (test-NAME-files).

TEST_VARIANTS := gcc clang asan tsan
TEST_SUPPORT := $(wildcard tests/harness/*.c tests/mock/*.c)
TEST_DIRS := $(patsubst %/,%,$(sort \
    $(dir $(wildcard tests/*/*.c tests/drivers/*/*.c tests/pipelines/*/*.c))))
TEST_DIRS := $(filter-out $(addprefix tests/,harness mock fuzz bench vectors \
    build system drivers pipelines interop image),$(TEST_DIRS))
test-name = $(subst /,-,$(patsubst tests/%,%,$(1)))
TEST_DIRS := $(foreach d,$(TEST_DIRS), \
    $(if $(call is-on,$(call test-name,$(d))),$(d)))
TEST_DIRS := $(filter-out $(addprefix tests/,$(filter-out $(BINS),$(ALL_BINS))), \
    $(TEST_DIRS))
-include $(addsuffix /objs.mk,$(TEST_DIRS))

WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
TESTS := $(foreach d,$(TEST_DIRS),$(call test-name,$(d)))

# $(1) variant, $(2) folder, $(3) name
test-rules = $(call program,$(1),$(O)/$(1)/tests/$(3), \
    $(call objects,$(1),$(wildcard $(2)/*.c)) \
    $(call objects,$(1),$(TEST_SUPPORT) $(test-$(3)-files)), \
    base $(call lib-named,$(3)) $(test-$(3)-libs),$(test-$(3)-pkgs), \
    $(WRAP) $(test-$(3)-ldflags))
$(foreach v,$(TEST_VARIANTS),$(foreach d,$(TEST_DIRS), \
    $(eval $(call test-rules,$(v),$(d),$(call test-name,$(d))))))
tests-of = $(addprefix $(O)/$(1)/tests/,$(TESTS))

PROVE := prove --exec tools/tap-run

.PHONY: test $(addprefix test-,$(TESTS))
VARIANT ?= gcc
test: $(call tests-of,$(VARIANT))
	$(Q)$(PROVE) $^
$(addprefix test-,$(TESTS)): test-%: $(O)/$(VARIANT)/tests/%
	$(Q)tools/tap-run $< $(if $(PATTERN),'$(PATTERN)')

# Tests under Node: TAP, and beside it why one failed.
NODE_TEST := node --test-reporter=tap --test-reporter-destination=stdout \
    --test-reporter=./tests/build/failures.mjs --test-reporter-destination=stderr

# Tests that are commands become small TAP scripts, which `make check` runs.
TAP := $(O)/tap
TAPS :=
# $(1) name, $(2) what it needs, $(3) command
define tap-script
TAPS += $(TAP)/$(1).t
$(TAP)/$(1).t: $(2) FORCE
	@mkdir -p $$(@D)
	@printf '#!/bin/sh\nexec %s\n' '$(strip $(3))' >$$@; chmod +x $$@
endef

.PHONY: FORCE
FORCE:
