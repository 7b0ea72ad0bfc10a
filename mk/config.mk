# Kconfig: .config -> auto.conf (for make) and autoconf.h (for C).

CONFIG := $(if $(filter build,$(O)),.config,$(O)/.config)
AUTOCONF := $(O)/config/auto.conf
AUTOCONF_H := $(O)/config/autoconf.h
KCONFIG_FILES := Kconfig $(wildcard firmware/*/Kconfig drivers/*/Kconfig \
    board/*/Kconfig)
CONFIG_GOALS := menuconfig olddefconfig savedefconfig %_defconfig

kconf = CONFIG_=KK_ KCONFIG_CONFIG=$(CONFIG) srctree=. python3 -m

OUT ?= defconfig
.PHONY: menuconfig olddefconfig savedefconfig
menuconfig olddefconfig: | $(dir $(CONFIG))
	@$(kconf) $@ Kconfig

savedefconfig:
	@$(kconf) $@ --kconfig Kconfig --out $(OUT)

%_defconfig: board/%/defconfig | $(dir $(CONFIG))
	@$(kconf) defconfig --kconfig Kconfig $<

# Without a configuration, this PC's is taken.
$(CONFIG): | $(dir $(CONFIG))
	@$(kconf) defconfig --kconfig Kconfig board/sandbox/defconfig

$(AUTOCONF): $(CONFIG) $(KCONFIG_FILES)
	@mkdir -p $(@D)
	@$(kconf) genconfig --header-path $(AUTOCONF_H) --config-out $@ Kconfig
	@touch $@

ifneq ($(filter-out build,$(O)),)
$(dir $(CONFIG)):
	@mkdir -p $@
endif

# Making it here also makes make start again, with the options known.
ifneq ($(filter-out $(CONFIG_GOALS),$(or $(MAKECMDGOALS),all)),)
include $(AUTOCONF)
endif
