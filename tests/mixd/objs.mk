# The real program, between fakes of keyd, roomd and lined and the packets' half of
# the real forwarder: it has to be there.  Its parts are tested alone, too.
test-mixd-libs := call pipelines-link pipelines-member pipelines-elements pipelines-graphs \
	sfu hop dtls srtp sframe crypto wire mix phone codec ring
test-mixd-pkgs := libsystemd
test-mixd-files := $(wildcard firmware/bin/sfud/media*.c) \
	firmware/bin/sfud/postbox.c firmware/bin/sfud/worker.c \
	tests/pipelines/member/siblings.c \
	$(addprefix firmware/bin/mixd/,far.c lanes.c memory.c pace.c uplink.c)
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/mixd: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/mixd))
