# Host side: what needs no build root is done here, the rest inside it.

HOST_GOALS := help run clean clean-cache bench-sfu bench-lines image bundle check-image \
    check-bundle check-cuts record-cuts installer check-installer bench-image \
    check-boards check-arm64
GOALS := $(or $(MAKECMDGOALS),all)
INSIDE_GOALS := $(filter-out $(HOST_GOALS),$(GOALS))

.PHONY: $(GOALS) enter

BEGAN := $(shell date +%s)

# -j as given, else one job a core; -k and -n and the like go on as they are.
job_flags = $(or $(filter -j%,$(MAKEFLAGS)),-j$(shell nproc))
short_flags = $(addprefix -,$(filter-out -% %=%,$(firstword $(MAKEFLAGS))))
# A recipe behind + would run under -n, too, and what it starts builds the root.
plus = $(if $(findstring n,$(short_flags)),,+)

ifneq ($(INSIDE_GOALS),)
$(INSIDE_GOALS): enter
	@:
endif

# The packages for servers are tried in a small Debian of its own; without one the
# test says that it is skipped.
tries-packages = $(filter check test-package,$(INSIDE_GOALS))

# Named pipes of two runs would meet in /tmp: each counts its processes from 1.
enter: $(filter $(HOST_GOALS),$(GOALS))
	$(plus)@tools/host-setup
	$(plus)@tools/buildroot --manifest $(O)/manifest
	$(plus)@server=$(if $(tries-packages),$$(tools/debian-root server || :)); \
	    MAKEFLAGS= MFLAGS= KK_SERVER_ROOT="$$server" \
	    tools/enter $${server:+--write "$$server"} make --no-print-directory \
	    --jobserver-style=pipe \
	    $(short_flags) $(job_flags) $(MAKEOVERRIDES) $(INSIDE_GOALS)
	$(if $(filter check,$(INSIDE_GOALS)),$(plus)@MAKEFLAGS= MFLAGS= \
	    tools/check-short $(BEGAN) '$(O)' $(short_flags) $(job_flags))

clean-cache:
	tools/buildroot --clean
	tools/debian-root --clean

# --- make run -------------------------------------------------------------

# What the box keeps: outside of the tree, and of the cache.
RUN_STATE = $(or $(STATE),$(KK_STATE),$(or $(XDG_STATE_HOME),$(HOME)/.local/state)/konklave)
# $(1) variable of the command line, $(2) option.  A file's path is made whole:
# the box runs in the tree's top folder.
run-option = $(if $($(1)),$(2)='$(if $(wildcard $($(1))),$(abspath $($(1))),$($(1)))')
RUN_OPTIONS = $(call run-option,CAMERA,--camera) $(call run-option,MIC,--microphone) \
    $(call run-option,SPEAKER,--loudspeaker) $(call run-option,SCREEN,--screen) \
    $(if $(NAME),--name='$(NAME)') $(if $(SIZE),--size='$(SIZE)') \
    $(if $(SEND_SIZE),--send-size='$(SEND_SIZE)') $(if $(ENCODINGS),--encodings='$(ENCODINGS)') $(if $(PORT),--port='$(PORT)') \
    $(if $(BOXES),--boxes='$(BOXES)') --lines='$(RUN_LINES)' $(if $(V),--verbose) \
    $(foreach u,$(STUN) $(TURN),--ice-server='$(u)') \
    $(call run-option,TURN_SECRET,--turn-secret) $(if $(RELAY_ONLY),--relay-only) \
    $(if $(VIDEO),--video='$(VIDEO)')

# A shell's LINES is the height of its window.
RUN_LINES = $(if $(filter command,$(firstword $(origin LINES))),$(LINES),4)

# Ctrl-C is for the box, which then ends its processes in order.
run:
	$(plus)@tools/host-setup
	$(plus)@tools/buildroot --manifest $(O)/manifest
	$(plus)@MAKEFLAGS= MFLAGS= tools/enter make --no-print-directory \
	    --jobserver-style=pipe $(job_flags) O='$(O)' run-needs
	@mkdir -p -m 700 "$(RUN_STATE)"
	@trap '' INT; KK_LANG="$${LC_ALL:-$${LC_MESSAGES:-$$LANG}}" \
	    exec tools/enter --devices --write "$(RUN_STATE)" $(O)/bin/sandbox \
	    run --state="$(abspath $(RUN_STATE))" --programs=$(O)/bin \
	    --page=$(O)/web --prompts=$(O)/prompts $(RUN_OPTIONS)

# --- make image -----------------------------------------------------------

BOARD ?= qemu-x86_64
LEVEL ?= 3
# Each board has its own programs, as its configuration has them.
IMAGE = $(O)/$(BOARD)

.PHONY: image-files
image-files:
	$(plus)@tools/board-make '$(BOARD)' '$(IMAGE)' $(job_flags)

IMAGE_KEYS = KEY='$(KEY)' CERT='$(CERT)' UPDATE_CA='$(UPDATE_CA)' \
    UPDATE_KEY='$(UPDATE_KEY)' UPDATE_CERT='$(UPDATE_CERT)'
image: image-files
	@BOARD='$(BOARD)' BUILD='$(IMAGE)' LEVEL='$(LEVEL)' $(IMAGE_KEYS) tools/image

bundle: image-files
	@BOARD='$(BOARD)' BUILD='$(IMAGE)' LEVEL='$(LEVEL)' $(IMAGE_KEYS) \
	    tools/image --bundle

check-image: override BOARD := qemu-x86_64
check-image: image-files
	@BOARD='$(BOARD)' BUILD='$(IMAGE)' LEVEL='$(LEVEL)' KEY= CERT= UPDATE_CA= \
	    tools/image $(if $(SHORT),--check-short,--check)

# Boards of another processor have no place in the build root.
FOREIGN = $(foreach a,$(wildcard board/*/arch),$(if $(filter-out $(shell uname -m), \
    $(file <$a)),$(notdir $(patsubst %/arch,%,$a))))
check-boards:
	$(plus)@tools/host-setup
	$(plus)@tools/buildroot --manifest $(O)/manifest
	$(plus)@MAKEFLAGS= MFLAGS= tools/enter make --no-print-directory \
	    --jobserver-style=pipe $(job_flags) O='$(O)' check-boards
	$(plus)@for board in $(FOREIGN); do echo "$$board"; status=0; \
	    tools/board-make --programs "$$board" "$(O)/$$board" $(job_flags) || \
		status=$$?; \
	    [ $$status -ne 3 ] || echo "$$board: its programs are not built here"; \
	    [ $$status -eq 0 ] || [ $$status -eq 3 ] || exit $$status; done

# Bundles and what a box takes of them, without an image or a machine.
check-bundle:
	$(plus)@tools/host-setup
	$(plus)@tools/buildroot --manifest $(O)/manifest
	$(plus)@MAKEFLAGS= MFLAGS= tools/enter make --no-print-directory \
	    --jobserver-style=pipe $(job_flags) O='$(O)' $(addprefix $(O)/bin/, \
	    konklave-boot konklave-update konklave-pki update-mutants)
	@tools/enter --root "$$(tools/debian-root image)" tests/image/bundle.t \
	    '$(O)/bin' $(if $(MUTANTS),--mutants=$(MUTANTS))

# Power cuts between the blocks of an update and of a first boot: a machine writes
# two updates, another one starts the image for the first time; each disk that can be
# left of them is looked at, and from some of them a machine goes on.
cuts-needs:
	$(plus)@tools/host-setup
	$(plus)@tools/buildroot --manifest $(O)/manifest
	$(plus)@MAKEFLAGS= MFLAGS= tools/enter make --no-print-directory \
	    --jobserver-style=pipe $(job_flags) O='$(O)' $(O)/bin/cuts-recorder \
	    $(O)/gcc/tests/cuts $(addprefix $(O)/bin/,konklave-config keyd)

IN_TOOLS = tools/enter --root "$$(tools/debian-root image)"
CUTS_RUNTIME = --runtime="$$(tools/debian-root runtime)"
record-cuts check-cuts: RECORD = $(IN_TOOLS) tests/cuts/record $(CUTS_RUNTIME) \
    --build='$(O)'
check-cuts: RECORD_FIRST = $(IN_TOOLS) tests/cuts/record-first --build='$(IMAGE)' \
    --out='$(O)/cuts/first'
check-cuts: override BOARD := qemu-x86_64
check-cuts: cuts-needs image-files
	@BOARD='$(BOARD)' BUILD='$(IMAGE)' LEVEL='$(LEVEL)' KEY= CERT= UPDATE_CA= \
	    tools/image
	@$(RECORD) --out='$(O)/cuts/update'
	@$(RECORD_FIRST)
	@$(IN_TOOLS) tests/cuts/check $(CUTS_RUNTIME) --tests='$(O)/gcc/tests/cuts' \
	    --update='$(O)/cuts/update' --first='$(O)/cuts/first'
	@$(RECORD) --out='$(O)/cuts/update' --go-on
	@$(RECORD_FIRST) --go-on

# What `make check` looks at is kept; made anew where the code has changed that
# writes.
record-cuts: cuts-needs
	@$(RECORD) --out=tests/cuts/recorded --small
# Boots the image of a machine of another processor than this one.
check-arm64: override BOARD := qemu-arm64
check-arm64: image-files
	@BOARD='$(BOARD)' BUILD='$(IMAGE)' LEVEL='$(LEVEL)' KEY= CERT= UPDATE_CA= \
	    tools/image --boot

bench-image: override BOARD := qemu-x86_64
bench-image: image-files
	@BOARD='$(BOARD)' BUILD='$(IMAGE)' LEVEL='$(LEVEL)' KEY= CERT= UPDATE_CA= \
	    tools/image --bench

# --- make bench-sfu -------------------------------------------------------

# Its peer Janus is of another Debian, in a folder that the root does not have.
bench-sfu:
	$(plus)@tools/host-setup
	$(plus)@tools/buildroot --manifest $(O)/manifest
	$(plus)@MAKEFLAGS= MFLAGS= tools/enter make --no-print-directory \
	    --jobserver-style=pipe $(job_flags) O='$(O)' bench-sfu-needs
	@KK_BIN='$(abspath $(O))/bin' tests/bench/sfu/run \
	    --json='$(abspath $(O))/bench-sfu.json' $(if $(ROUNDS),--rounds=$(ROUNDS)) \
	    $(if $(ONLY),--only=$(ONLY))

# Likewise.
bench-lines:
	$(plus)@tools/host-setup
	$(plus)@tools/buildroot --manifest $(O)/manifest
	$(plus)@MAKEFLAGS= MFLAGS= tools/enter make --no-print-directory \
	    --jobserver-style=pipe $(job_flags) O='$(O)' bench-lines-needs
	@KK_BIN='$(abspath $(O))/bin' tests/bench/lines/run \
	    $(if $(ROUNDS),--rounds=$(ROUNDS)) $(if $(ONLY),--only=$(ONLY))

# --- make installer -------------------------------------------------------

# An image's manifest: its versions of the packages are taken.
export MANIFEST

check-installer: override BOARD := qemu-x86_64
check-installer: CHECK = --check
installer check-installer: image
	@BOARD='$(BOARD)' BUILD='$(IMAGE)' KEY='$(KEY)' CERT='$(CERT)' \
	    FLASH_KEY='$(FLASH_KEY)' FLASH_CHAIN='$(FLASH_CHAIN)' \
	    TRUST='$(TRUST)' tools/installer $(CHECK)
