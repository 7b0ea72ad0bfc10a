# build/bin/konklave-flash: for a technician's laptop, whatever is on it: static.
FLASH := $(O)/bin/konklave-flash
# The last is of the installer stick, where it is the first process.
FLASH_OBJS := $(wildcard tools/flash/*.c) firmware/bin/rootinit/modules.c
FLASH_LDLIBS := -lcrypto -lz -lzstd -lblkid
flash-archives = $(foreach l,profile program base,$(O)/$(1)/lib/lib$(l).a)
ALL_OBJS += $(foreach v,gcc asan,$(call objects,$(v),$(FLASH_OBJS)))

$(FLASH): $(call objects,gcc,$(FLASH_OBJS)) $(call flash-archives,gcc) \
    $(O)/gcc/flags
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(gcc-cc) $(filter-out -pie,$(gcc-ldflags)) -static-pie -o $@ \
	    $(filter %.o %.a,$^) $(FLASH_LDLIBS)

# Sanitizers know no static programs.
$(O)/asan/bin/konklave-flash: $(call objects,asan,$(FLASH_OBJS)) \
    $(call flash-archives,asan) $(O)/asan/flags
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(asan-cc) $(asan-ldflags) -o $@ $(filter %.o %.a,$^) \
	    $(FLASH_LDLIBS)

all: $(FLASH)
