# Reads that are cut off.
test-program-ldflags := -Wl,--wrap=read
test-program-pkgs := libsystemd
test-program-libs := notice
