# Boards and images.  Those that boot an image are slow: `make check-image`
# (mk/host.mk) runs them, in the root that has the tools for it.

# The bill of materials names the tool that writes the image.
image-needs: $(O)/bin/konklave-flash
$(eval $(call tap-script,sbom,,tests/image/sbom.t))
$(eval $(call tap-script,image-units,,tests/image/units.t))

$(eval $(call tap-script,boards,,tests/image/boards.t))
$(eval $(call tap-script,keeps,,tests/image/keeps.t))
$(eval $(call tap-script,unwell,,tests/image/unwell.t))

.PHONY: check-boards
# Asked for by name, it also builds what the images of this machine's boards have.
board-arch = $(or $(file <board/$(1)/arch),x86_64)
BOARDS := $(filter-out sandbox,$(patsubst board/%/defconfig,%, \
    $(wildcard board/*/defconfig)))
BOARDS := $(foreach b,$(BOARDS),$(if $(filter $(shell uname -m), \
    $(call board-arch,$(b))),$(b)))
check-boards: $(TAP)/boards.t
	$(Q)O=$(O) $(PROVE) $<
	+$(Q)for b in $(BOARDS); do echo "$$b"; \
	    $(MAKE) --no-print-directory O=$(O)/$$b $${b}_defconfig && \
	    $(MAKE) --no-print-directory O=$(O)/$$b image-needs || exit; done

# What an image has of ours.
.PHONY: image-needs
image-needs: $(call bins-of,gcc) $(WEB)/index.html $(PROMPTS) $(O)/bin/konklave-pki \
    $(O)/empty-init $(O)/bin/update-mutants

# What `make bench-image` starts beside it.
$(O)/empty-init: tests/image/empty.c
	$(call say,LINK,$@)
	$(Q)$(gcc-cc) -O2 -Wall -Wextra -Werror -static -s -o $@ $<
