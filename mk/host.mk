# Host side: what needs no build root is done here, the rest inside it.

HOST_GOALS := help run clean clean-cache
GOALS := $(or $(MAKECMDGOALS),all)
INSIDE_GOALS := $(filter-out $(HOST_GOALS),$(GOALS))

.PHONY: $(GOALS) enter

# -j as given, else one job a core; -k and -n and the like go on as they are.
job_flags = $(or $(filter -j%,$(MAKEFLAGS)),-j$(shell nproc))
short_flags = $(addprefix -,$(filter-out -% %=%,$(firstword $(MAKEFLAGS))))

ifneq ($(INSIDE_GOALS),)
$(INSIDE_GOALS): enter
	@:
endif

# Named pipes of two runs would meet in /tmp: each counts its processes from 1.
enter: $(filter $(HOST_GOALS),$(GOALS))
	+@tools/host-setup
	+@tools/buildroot --manifest $(O)/manifest
	+@MAKEFLAGS= MFLAGS= tools/enter make --no-print-directory \
	    --jobserver-style=pipe \
	    $(short_flags) $(job_flags) $(MAKEOVERRIDES) $(INSIDE_GOALS)

clean-cache:
	tools/buildroot --clean

# Fails on purpose: who asks for a box must not believe that one runs.
run:
	@echo 'There is no box to start yet; what stands today is the key core.' >&2
	@echo 'Try: make check, make wasm, make bench-mls. README.md has more.' >&2
	@exit 1
