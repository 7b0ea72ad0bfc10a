# Links and the forwarder's packets' half in one program, bad network between.
test-pipelines-forwarder-libs := pipelines-link sfu hop dtls srtp wire
test-pipelines-forwarder-pkgs := libsystemd
test-pipelines-forwarder-files := $(wildcard firmware/bin/sfud/media*.c) \
	firmware/bin/sfud/postbox.c firmware/bin/sfud/worker.c
