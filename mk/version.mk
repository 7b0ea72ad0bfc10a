# The version, for those who say it: their object changes with it, no other does.

VERSION := $(shell tools/version)
VERSION_OBJS := $(foreach v,$(VARIANTS),$(O)/$(v)/obj/firmware/bin/sfud/version.o)

$(VERSION_OBJS): pkgcflags += -DKK_VERSION='"$(VERSION)"'
$(VERSION_OBJS): $(O)/version

ifneq ($(VERSION),$(file < $(O)/version))
$(shell mkdir -p $(O))
$(file > $(O)/version,$(VERSION))
endif
