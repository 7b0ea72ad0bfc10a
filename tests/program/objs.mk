# Reads that are cut off.
test-program-ldflags := -Wl,--wrap=read
