# build/bin/sandbox: the supervisor of `make run`.
SANDBOX := $(O)/bin/sandbox
sandbox-rules = $(call program,$(1),$(bin-dir)/sandbox, \
    $(call objects,$(1),$(wildcard tools/sandbox/*.c)),base program, \
    libsystemd libqrencode)
$(foreach v,gcc asan,$(eval $(call sandbox-rules,$(v))))
# It starts the site's CA, which stands beside it.
$(foreach v,gcc asan,$(eval $(call bin-dir,$(v))/sandbox: \
    | $(call bin-dir,$(v))/konklave-pki))

all: $(SANDBOX)

# What runs in it.
.PHONY: run-needs
run-needs: $(SANDBOX) $(addprefix $(O)/bin/,$(BINS)) web prompts
