# The packets' half of sfud over real sockets; client.c is its peer, made of the
# libraries that endpoints use.
test-media-libs := base wire hop dtls srtp sfu
test-media-pkgs := libsystemd
test-media-files := $(wildcard firmware/bin/sfud/media*.c) \
	firmware/bin/sfud/postbox.c firmware/bin/sfud/worker.c
test-media-ldflags := -Wl,--wrap=clock_gettime
