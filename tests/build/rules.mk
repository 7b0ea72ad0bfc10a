# What is written of the programs, against what they say themselves.
$(eval $(call tap-script,options, \
    $(addprefix $(O)/bin/,$(BINS) konklave-flash konklave-pki load sandbox),tests/build/options $(O)/bin))
