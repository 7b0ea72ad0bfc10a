# The program's files around a user agent that is none: what SIP says, the test
# says.
test-lined-files := $(addprefix firmware/bin/lined/,options.c sounds.c mixd.c \
    roomd.c calls.c goodbye.c label.c menu.c media.c place.c tick.c trunk.c rtp.c set.c \
    rtcp.c address.c)
test-lined-libs := program call line phone ivr ring srtp wire offer drivers-audio
test-lined-pkgs := libsystemd libssl libcrypto
# And the program itself.
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/lined: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/lined))
