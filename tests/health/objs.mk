# The program, before a systemd and siblings that the test plays.
test-health-pkgs := libsystemd
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/health: | \
    $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/konklave-health))
