# The estimator on simulated links, in virtual time: `make bench-estimate`.
ESTIMATE_SIM := tests/estimate/sim.c tests/bench/estimate/table.c
$(eval $(call program,gcc,$(O)/bin/bench-estimate, \
    $(call objects,gcc,$(ESTIMATE_SIM)),base estimate hop wire,))

.PHONY: bench-estimate
bench-estimate: $(O)/bin/bench-estimate
	$<
