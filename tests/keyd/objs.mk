# The real program, over its sockets: it has to be there.
test-keyd-libs := call
test-keyd-pkgs := libsystemd
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/keyd: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/keyd))
