# Boards and images.  Those that boot an image are slow: `make check-image`
# (mk/host.mk) runs them, in the root that has the tools for it.
$(eval $(call tap-script,boards,,tests/image/boards.t))

# Updates are tried with what it issues.
image-needs: $(O)/bin/konklave-pki

.PHONY: check-boards
check-boards: $(TAP)/boards.t
	$(Q)O=$(O) $(PROVE) $<

# What an image has of ours.
.PHONY: image-needs
image-needs: $(call bins-of,gcc) $(WEB)/index.html $(PROMPTS)
