# make deb-sfu: the forwarder for a server, as a Debian package.  Its objects are
# those of build/bin/sfud; linked without symbols, no path of this machine is in it.
$(eval $(call program,gcc,$(O)/deb/konklave-sfu, \
    $(addprefix $(O)/gcc/obj/firmware/bin/sfud/,$(sfud-objs-y)), \
    $(sfud-libs),$(sfud-pkgs),-s))

DEB_SFU := $(O)/deb/konklave-sfu_$(VERSION)_$(shell dpkg --print-architecture).deb
DEB_NEEDS := $(O)/deb/konklave-sfu tools/package/deb-sfu tools/version \
    firmware/bin/sfud/sfud.8 $(wildcard rootfs/server/*)

$(DEB_SFU): $(DEB_NEEDS)
	$(call say,DEB,$@)
	@rm -f $(@D)/*.deb
	$(Q)tools/package/deb-sfu --program=$< --version='$(VERSION)' \
	    --epoch=$$(tools/version --epoch) --out=$(@D) >/dev/null

.PHONY: deb-sfu
deb-sfu: $(DEB_SFU)
	@echo $<
