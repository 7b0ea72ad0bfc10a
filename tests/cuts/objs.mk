# The variables' box, with the boot handler's commands; and a log's compression.
test-cuts-files := tests/boot/world.c
test-cuts-libs := boot verity program
test-cuts-pkgs := libcrypto libzstd libsystemd
