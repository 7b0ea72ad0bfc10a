# Boards and images.  Those that boot an image are slow: `make check-image`
# (mk/host.mk) runs them, in the root that has the tools for it.
$(eval $(call tap-script,boards,,tests/image/boards.t))

.PHONY: check-boards
check-boards: $(TAP)/boards.t
	$(Q)O=$(O) $(PROVE) $<

# What an image has of ours.
.PHONY: image-needs
image-needs: $(call bins-of,gcc) $(WEB)/index.html $(PROMPTS)

# What a box makes for itself, by its scripts.
$(eval $(call tap-script,keeps,,tests/image/keeps.t))
