# Konklave's build.  `make help` lists the targets.
#
# On the host this file only enters the build root (tools/enter) and runs make
# again there; inside, mk/*.mk are the build.  There is no recursion below.

O ?= build
MAKEFLAGS += --no-builtin-rules --no-builtin-variables

.PHONY: all help clean
all:

help:
	@sed -n 's/^#: \{0,1\}//p' mk/help.txt

clean:
	rm -rf $(O)

ifeq ($(wildcard /etc/konklave-root),)
include mk/host.mk
else
include mk/config.mk
include mk/flags.mk
include mk/libs.mk
include mk/programs.mk
include mk/version.mk
include mk/tests.mk
include mk/prompts.mk
include mk/fuzz.mk
# Folders with rules of their own.  What they add to TAPS, `make check` runs.
include $(wildcard firmware/web/*/wasm.mk firmware/web/*/page.mk \
    tools/*/rules.mk tests/*/rules.mk)
include mk/analysis.mk
include mk/checks.mk
include mk/compile.mk
endif
