# The real program, over real WebSockets: it has to be there.
test-sfud-libs := ws call crypto
test-sfud-pkgs := libsystemd
$(foreach v,gcc clang asan tsan,$(eval $(O)/$(v)/tests/sfud: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/sfud))
