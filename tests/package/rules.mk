# The packages for servers.
$(eval $(call tap-script,package-sfu,$(DEB_SFU) $(O)/bin/load, \
    tests/package/sfu.t $(DEB_SFU)))

.PHONY: test-package
test-package: $(TAP)/package-sfu.t
	$(Q)O=$(O) $(PROVE) -v $<
