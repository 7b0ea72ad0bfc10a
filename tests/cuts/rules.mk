# The first process of the machine that records a log (tests/cuts/record).
CUTS_RECORDER := $(O)/bin/cuts-recorder
CUTS_RECORDER_OBJS := $(call objects,gcc,tests/cuts/guest/main.c \
    tests/boot/world.c firmware/bin/rootinit/modules.c firmware/program/run.c \
    $(addprefix firmware/bin/konklave-update/,copy.c esp.c slot.c))
ALL_OBJS += $(CUTS_RECORDER_OBJS)
$(call objects,gcc,tests/cuts/guest/main.c): pkgcflags = $(call pkg-cflags,libsystemd)
$(CUTS_RECORDER): $(CUTS_RECORDER_OBJS) $(call archives,gcc,boot base) \
    $(O)/gcc/flags
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(gcc-cc) $(filter-out -pie,$(gcc-ldflags)) -static-pie -o $@ \
	    $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group
