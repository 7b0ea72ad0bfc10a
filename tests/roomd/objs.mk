# The real programs, over their sockets: they have to be there.  server.c is a
# forwarder's signalling, of the real libraries, without its media.
test-roomd-libs := call room ws signal order crypto
test-roomd-pkgs := libsystemd libwebsockets
$(foreach v,gcc clang asan,$(foreach b,keyd roomd,$(eval \
    $(O)/$(v)/tests/roomd: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/$(b))))
