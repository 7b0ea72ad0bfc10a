# The real programs, over their sockets: they have to be there.  server.c speaks
# with them, too.
test-roomd-libs := call room ws crypto ice
test-roomd-pkgs := libsystemd libwebsockets
$(foreach v,gcc clang asan,$(foreach b,keyd roomd sfud konklave-room,$(eval \
    $(O)/$(v)/tests/roomd: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/$(b))))
