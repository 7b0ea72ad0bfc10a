# The program, with the real sfud.
test-konklave-loopback-pkgs := libsystemd
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/konklave-loopback: | \
    $(addprefix $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/, \
	konklave-loopback sfud)))
