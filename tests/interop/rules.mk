# Interop: ts-mls and our core, native (gcc and ASan) and WebAssembly.
INTEROP_DRIVERS := $(O)/gcc/interop-driver $(O)/asan/interop-driver

interop-rules = $(call program,$(1),$(O)/$(1)/interop-driver, \
    $(call objects,$(1),tests/interop/driver.c \
    $(filter-out %/api.c %/random.c,$(wildcard $(WASM_DIR)/*.c))), \
    base crypto mls meeting conference,,)
$(foreach v,gcc asan,$(eval $(call interop-rules,$(v))))

INTEROP_MODULES := $(O)/npm/tests/interop
empty :=
INTEROP_ENV := KK_WASM=$(abspath $(WASM)) \
    KK_INTEROP_MODULES=$(abspath $(INTEROP_MODULES))/node_modules \
    KK_DRIVERS=$(subst $(empty) ,:,$(abspath $(INTEROP_DRIVERS)))
INTEROP_NEEDS := $(INTEROP_DRIVERS) $(WASM)/konklave-core.mjs \
    $(WASM)/core.js $(INTEROP_MODULES)/tried

# Without the registry everything else can still be tested: `run` decides.
$(INTEROP_MODULES)/tried: tests/interop/package-lock.json FORCE
	@mkdir -p $(@D)
	@[ $(@D)/installed -nt $< ] || { ( $(npm-install) ) && \
	    touch $(@D)/installed; } || echo "npm ci failed for tests/interop"
	@touch $@

$(eval $(call tap-script,interop,$(INTEROP_NEEDS), \
    env $(INTEROP_ENV) tests/interop/run $(INTEROP_MODULES)/installed))

.PHONY: test-interop
test-interop: $(TAP)/interop.t
	$(Q)$(PROVE) $<
