# Boards and images.  Those that boot an image are slow: `make check-image`
# (mk/host.mk) runs them, in the root that has the tools for it.

$(eval $(call tap-script,sbom,,tests/image/sbom.t))
$(eval $(call tap-script,image-units,,tests/image/units.t))

$(eval $(call tap-script,boards,,tests/image/boards.t))
$(eval $(call tap-script,keeps,,tests/image/keeps.t))
$(eval $(call tap-script,unwell,,tests/image/unwell.t))
$(eval $(call tap-script,port-again,,tests/image/port-again.t))
$(eval $(call tap-script,image-enrol,,tests/image/enrol.t))

.PHONY: check-boards
# Asked for by name, it also builds what the images of this machine's boards have;
# mk/host.mk those of others.
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

# What an image has of ours: programs, among them what writes it, which the bill of
# materials names; and what is the same for each processor.
.PHONY: image-needs image-programs image-data
image-needs: image-programs image-data $(O)/bin/update-mutants
IMAGE_BINS := $(call bins-of,gcc) $(O)/bin/konklave-flash
image-programs: $(IMAGE_BINS) $(O)/bin/konklave-pki $(O)/empty-init \
    $(O)/player
image-data: $(WEB)/index.html $(PROMPTS)

# Who makes the image strips programs of its own processor alone.
ifneq ($(CROSS),)
image-programs: $(patsubst $(O)/bin/%,$(O)/stripped/%,$(IMAGE_BINS))
$(O)/stripped/%: $(O)/bin/%
	$(call say,STRIP,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)strip -o $@ $<
endif

# What `make bench-image` starts beside it.
$(O)/empty-init: tests/image/empty.c $(O)/gcc/flags
	$(call say,LINK,$@)
	$(Q)$(gcc-cc) $(filter -B%,$(gcc-ldflags)) -O2 -Wall -Wextra -Werror \
	    -static -s -o $@ $<

# What `make check-image` plays into a sound card of the machine's.
$(O)/player: tests/image/player.c $(O)/gcc/flags
	$(call say,LINK,$@)
	$(Q)$(gcc-cc) $(filter -B%,$(gcc-ldflags)) -O2 -Wall -Wextra -Werror \
	    -s -o $@ $< -lasound -lm
