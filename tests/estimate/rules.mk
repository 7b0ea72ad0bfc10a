# The estimator on simulated links, in virtual time: `make bench-estimate`.
ESTIMATE_SIM := tests/estimate/sim.c tests/bench/estimate/table.c
$(eval $(call program,gcc,$(O)/bin/bench-estimate, \
    $(call objects,gcc,$(ESTIMATE_SIM)),base estimate hop wire,))

.PHONY: bench-estimate
bench-estimate: $(O)/bin/bench-estimate
	$<

# Real links, written down once (tests/estimate/links/): `make record-links` makes
# new ones in build/links/.
$(eval $(call program,gcc,$(O)/bin/link-record, \
    $(call objects,gcc,tests/bench/estimate/record.c tests/estimate/link.c), \
    base estimate hop wire,))

.PHONY: record-links
record-links: $(O)/bin/link-record $(O)/bin/shaper
	@mkdir -p $(O)/links
	KK_BIN=$(O)/bin unshare --net tests/bench/estimate/record-links \
	    $(O)/links
