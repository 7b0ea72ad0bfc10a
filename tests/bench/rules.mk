# Benchmarks of the whole: a box's pipelines with encryption and without, and a
# call between the programs.  tests/bench/NAME.c have their rules in
# mk/programs.mk.
comma := ,
call-objs = $(call objects,gcc,$(addprefix tests/bench/call/,$(1)))

ifneq ($(mediad-objs-y),)
# Encryption can be taken out of this one alone (switch.h).
SWITCHED := vault_seal vault_open srtp_tx_seal_rtp srtp_rx_open_rtp
$(eval $(call program,gcc,$(O)/bin/bench-pipeline, \
    $(call call-objs,pipeline.c load.c switch.c), \
    base wire crypto sframe srtp pipelines-elements pipelines-graphs,, \
    $(foreach f,$(SWITCHED),-Wl$(comma)--wrap=$(f))))

# mediad with a screen that measures (probe.h).
$(eval $(call program,gcc,$(O)/bin/bench-mediad, \
    $(addprefix $(O)/gcc/obj/firmware/bin/mediad/,$(mediad-objs-y)) \
    $(call call-objs,display.c probe.c), \
    $(mediad-libs),$(mediad-pkgs) gstreamer-base-1.0))
endif

.PHONY: bench-call
bench-call: $(SYSTEM_NEEDS) $(O)/bin/bench-pipeline $(O)/bin/bench-mediad
	$(O)/bin/bench-pipeline
	env $(SYSTEM_ENV) node tests/bench/call/call.mjs

# The forwarder beside its peers and the least that one can cost.
$(eval $(call program,gcc,$(O)/bin/bench-floor, \
    $(call objects,gcc,tests/bench/sfu/floor.c),base wire drivers-crypto-engine,,))

.PHONY: bench-sfu-needs
bench-sfu-needs: $(addprefix $(O)/bin/,sfud load bench-floor)

ifneq ($(lined-objs-y),)
# Telephone lines, with lined's own sockets.
$(eval $(call program,gcc,$(O)/bin/bench-lines, \
    $(addprefix $(O)/gcc/obj/firmware/bin/,$(addprefix lined/,rtp.o set.o \
        rtcp.o address.o) $(addprefix mixd/,lanes.o memory.o)) \
    $(call objects,gcc,$(addprefix tests/bench/lines/,lines.c io.c)), \
    base wire codec phone ivr line mix ring srtp offer,libsystemd))
endif

.PHONY: bench-lines-needs
bench-lines-needs: $(O)/bin/bench-lines $(PROMPTS)
