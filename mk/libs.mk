# Libraries: firmware/X is library X, drivers/CLASS is drivers-CLASS, and
# pipelines/X is pipelines-X.
#
# A folder's objs.mk sets, with its own name in front: NAME-objs-y (objects),
# NAME-libs (our libraries below it), NAME-pkgs (pkg-config packages), NAME-ldlibs
# (other link flags, as -lstdc++ where a file is C++).

LIB_FILES := $(filter-out firmware/bin/% firmware/web/%, \
    $(wildcard firmware/*/objs.mk drivers/*/objs.mk pipelines/*/objs.mk))
ifneq ($(LIB_FILES),)
include $(LIB_FILES)
endif

LIBS :=
# $(1) library, $(2) its folder
define lib-vars
LIBS += $(1)
lib-dir-$(1) := $(2)
lib-objs-$(1) := $$(addprefix $(2)/,$$($(notdir $(2))-objs-y))
lib-deps-$(1) := $$($(notdir $(2))-libs)
lib-pkgs-$(1) := $$($(notdir $(2))-pkgs)
lib-ldlibs-$(1) := $$($(notdir $(2))-ldlibs)
endef
lib-class = $(filter drivers pipelines,$(firstword $(subst /, ,$(1))))
lib-of = $(addsuffix -,$(lib-class))$(notdir $(1))
$(foreach f,$(patsubst %/objs.mk,%,$(LIB_FILES)), \
    $(eval $(call lib-vars,$(call lib-of,$(f)),$(f))))

# The library of a name that may lack "drivers-" or "pipelines-".
lib-named = $(firstword $(filter $(1) drivers-$(1) pipelines-$(1),$(LIBS)))

# Empty when the configuration leaves a library out: then its tests stay out too.
is-on = $(if $(call lib-named,$(1)),$(lib-objs-$(call lib-named,$(1))),on)

# All that the given libraries need, themselves included.
needs-once = $(sort $(1) $(foreach l,$(1),$(lib-deps-$(l))))
needs = $(if $(filter-out $(1),$(needs-once)),$(call needs,$(needs-once)),$(needs-once))
pkgs-of = $(sort $(foreach l,$(call needs,$(1)),$(lib-pkgs-$(l))))
ldlibs-of = $(sort $(foreach l,$(call needs,$(1)),$(lib-ldlibs-$(l))))
pkg-cflags = $(call pkg-once,--cflags,$(sort $(1)))
pkg-libs = $(call pkg-once,--libs,$(sort $(1)))
# pkg-config is asked once for each set of packages, not for each file.
pkg-once = $(if $(2),$(call pkg-asked,$(subst $() ,+,pkg$(1) $(2)),$(1) $(2)))
pkg-asked = $(if $(filter undefined,$(origin $(1))),$(eval $(1) := \
    $$(shell $$(PKG_CONFIG) $(2))))$($(1))

# $(1) variant, $(2) library
define lib-rules
$(O)/$(1)/lib/lib$(2).a: $$(addprefix $(O)/$(1)/obj/,$(lib-objs-$(2)))
ALL_OBJS += $$(addprefix $(O)/$(1)/obj/,$(lib-objs-$(2)))
endef
$(foreach v,$(VARIANTS),$(foreach l,$(LIBS),$(eval $(call lib-rules,$(v),$(l)))))

define lib-pkg-flags
$$(foreach v,$$(VARIANTS),$$(addprefix $(O)/$$(v)/obj/,$$(lib-objs-$(1)))): \
    pkgcflags = $$(call pkg-cflags,$(call pkgs-of,$(1)))
endef
$(foreach l,$(LIBS),$(if $(lib-objs-$(l)),$(eval $(call lib-pkg-flags,$(l)))))

# Archives that a program links, from the libraries it names.
archives = $(foreach l,$(call needs,$(2)),$(if $(lib-objs-$(l)),$(O)/$(1)/lib/lib$(l).a))

.PHONY: libs
libs: $(call archives,gcc,$(LIBS))
all: libs
