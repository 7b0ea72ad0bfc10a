# Boards and images.  Those that boot an image are slow: `make check-image`
# (mk/host.mk) runs them, in the root that has the tools for it.
$(eval $(call tap-script,boards,,tests/image/boards.t))
$(eval $(call tap-script,image-units,,tests/image/units.t))

.PHONY: check-boards
check-boards: $(TAP)/boards.t
	$(Q)O=$(O) $(PROVE) $<

# What an image has of ours.
.PHONY: image-needs
image-needs: $(call bins-of,gcc) $(WEB)/index.html $(PROMPTS) $(O)/empty-init

# What `make bench-image` starts beside it.
$(O)/empty-init: tests/image/empty.c
	$(call say,LINK,$@)
	$(Q)$(gcc-cc) -O2 -Wall -Wextra -Werror -static -s -o $@ $<
