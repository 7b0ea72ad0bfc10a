# The version, for those who say it: their object changes with it, no other does.

VERSION := $(shell tools/version)

# $(1) variant, $(2) folder.  Not in pkgcflags, which each program sets anew for
# its objects.
define version-rules
$(O)/$(1)/obj/$(2)/version.o: $(1)-cflags += -DKK_VERSION='"$$(VERSION)"'
$(O)/$(1)/obj/$(2)/version.o: $(O)/version
endef
$(foreach v,$(VARIANTS),$(foreach d,firmware/bin/sfud tools/flash, \
    $(eval $(call version-rules,$(v),$(d)))))

ifneq ($(VERSION),$(file < $(O)/version))
$(shell mkdir -p $(O))
$(file > $(O)/version,$(VERSION))
endif
