# Links and the forwarder's packets' half in one program, bad network between.
test-pipelines-forwarder-libs := pipelines-link pipelines-graphs sfu hop dtls srtp \
	sframe crypto wire
test-pipelines-forwarder-pkgs := libsystemd gstreamer-1.0 gstreamer-app-1.0
test-pipelines-forwarder-files := $(wildcard firmware/bin/sfud/media*.c) \
	firmware/bin/sfud/postbox.c firmware/bin/sfud/worker.c \
	tests/pipelines/layers/codec.c
