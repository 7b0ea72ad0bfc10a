# wipe.c looks at what is released.
test-sframe-ldflags := -Wl,--wrap=kk_free,--wrap=kk_free_wiped

# frame_keys.c walks from an MLS commit to frame keys.
test-sframe-libs := mls
