# The version, for those who say it: their object changes with it, no other does.

VERSION := $(shell tools/version)

# $(1) variant.  Not in pkgcflags, which each program sets anew for its objects.
define version-rules
$(O)/$(1)/obj/firmware/bin/sfud/version.o: $(1)-cflags += -DKK_VERSION='"$$(VERSION)"'
$(O)/$(1)/obj/firmware/bin/sfud/version.o: $(O)/version
endef
$(foreach v,$(VARIANTS),$(eval $(call version-rules,$(v))))

ifneq ($(VERSION),$(file < $(O)/version))
$(shell mkdir -p $(O))
$(file > $(O)/version,$(VERSION))
endif
