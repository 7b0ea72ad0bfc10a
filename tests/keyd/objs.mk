# The real program, over its sockets: it has to be there.  rogue.c is a member
# made of the libraries alone.
test-keyd-files := firmware/bin/keyd/expiry.c
test-keyd-libs := call meeting mls crypto
test-keyd-pkgs := libsystemd
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/keyd: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/keyd))
# Certificates come from the site's tool.
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/keyd: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/konklave-pki))
