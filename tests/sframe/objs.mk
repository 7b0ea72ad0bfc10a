# wipe.c looks at what is released.
test-sframe-ldflags := -Wl,--wrap=kk_free,--wrap=kk_free_wiped
