# The real program, between fakes of keyd and roomd and the forwarder's end that
# the link's tests have: it has to be there.
test-mediad-files := tests/pipelines/link/peer.c tests/pipelines/link/coturn.c \
	tests/pipelines/member/siblings.c
test-mediad-libs := notice program call wire dtls srtp hop sframe drivers-camera
test-mediad-pkgs := libsystemd glib-2.0 cairo
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/mediad: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/mediad))
