# Reads that are cut off.
test-program-ldflags := -Wl,--wrap=read,--wrap=fsync
test-program-pkgs := libsystemd
test-program-libs := notice
