# Linked programs.

# Rules of one program: $(1) variant, $(2) file, $(3) objects, $(4) libraries,
# $(5) packages of its own, $(6) link flags of its own.
define program
ALL_OBJS += $(3)
$(3): pkgcflags = $$(call pkg-cflags,$(sort $(call pkgs-of,$(4)) $(5)))
$(2): $(3) $(call archives,$(1),$(4)) $(O)/$(1)/flags
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$($(1)-cc) $$($(1)-ldflags) $(6) -o $$@ $(3) \
	    -Wl,--start-group $(call archives,$(1),$(4)) -Wl,--end-group \
	    $$(call pkg-libs,$(sort $(call pkgs-of,$(4)) $(5))) $(call ldlibs-of,$(4))
endef
objects = $(patsubst %.c,$(O)/$(1)/obj/%.o,$(2))

# Where a variant's programs go.
bin-dir = $(O)/$(if $(filter-out gcc,$(1)),$(1)/)bin

# firmware/bin/NAME/ is program NAME.  Its objs.mk sets NAME-objs-y, NAME-libs and
# NAME-pkgs, and may set NAME-ldflags; with NAME-objs-y empty the configuration
# leaves it out.
BIN_FILES := $(wildcard firmware/bin/*/objs.mk)
ifneq ($(BIN_FILES),)
include $(BIN_FILES)
endif
ALL_BINS := $(notdir $(patsubst %/objs.mk,%,$(BIN_FILES)))
BINS := $(foreach b,$(ALL_BINS),$(if $($(b)-objs-y),$(b)))
bin-rules = $(call program,$(1),$(bin-dir)/$(2), \
    $(addprefix $(O)/$(1)/obj/firmware/bin/$(2)/,$($(2)-objs-y)), \
    $($(2)-libs),$($(2)-pkgs),$(if $(filter gcc clang,$(1)),$($(2)-ldflags)))
$(foreach v,gcc clang asan tsan,$(foreach b,$(BINS),$(eval $(call bin-rules,$(v),$(b)))))
bins-of = $(addprefix $(bin-dir)/,$(BINS))

# tests/vectors/NAME/ is program NAME.  It links the library before the dash
# and what its objs.mk names (NAME-libs, NAME-pkgs).  tests/vectors/common/ is
# linked into each.
VECTORS := $(filter-out common,$(sort $(patsubst tests/vectors/%/,%, \
    $(dir $(wildcard tests/vectors/*/*.c)))))
library-of = $(firstword $(subst _, ,$(subst -, ,$(1))))
VECTORS := $(foreach p,$(VECTORS),$(if $(call is-on,$(call library-of,$(p))),$(p)))
-include $(wildcard tests/vectors/*/objs.mk)
vector-objs = $(call objects,$(1), \
    $(wildcard tests/vectors/common/*.c tests/vectors/$(2)/*.c))
vector-rules = $(call program,$(1),$(bin-dir)/$(2),$(call vector-objs,$(1),$(2)), \
    base $(call lib-named,$(call library-of,$(2))) $($(2)-libs), \
    libsystemd $($(2)-pkgs))
$(foreach v,gcc clang asan, \
    $(foreach p,$(VECTORS),$(eval $(call vector-rules,$(v),$(p)))))
vectors-of = $(addprefix $(bin-dir)/,$(VECTORS))

# tests/bench/NAME.c is program bench-NAME.  Its first line may name libraries,
# as in: /* libs: mls crypto */
libs-in = $(shell sed -n '1s,^/\* libs: \(.*\) \*/.*,\1,p' $(1))
libs-for = base $(call lib-named,$(call library-of,$(1))) \
    $(foreach l,$(call libs-in,$(2)),$(call lib-named,$(l)))
BENCHES := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
BENCHES := $(foreach b,$(BENCHES),$(if $(call is-on,$(call library-of,$(b))),$(b)))
bench-rules = $(call program,gcc,$(O)/bin/bench-$(1), \
    $(call objects,gcc,tests/bench/$(1).c), \
    $(call libs-for,$(1),tests/bench/$(1).c),)
$(foreach b,$(BENCHES),$(eval $(call bench-rules,$(b))))

.PHONY: programs $(addprefix bench-,$(BENCHES))
programs: $(call bins-of,gcc) $(call vectors-of,gcc) \
    $(addprefix $(O)/bin/bench-,$(BENCHES))
all: programs

$(addprefix bench-,$(BENCHES)): %: $(O)/bin/%
	$<

ifeq ($(wildcard firmware/web/core/wasm.mk),)
.PHONY: wasm
wasm:
	@echo "The WebAssembly core is not in this tree yet." >&2; exit 1
endif
