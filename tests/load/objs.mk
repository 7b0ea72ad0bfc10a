test-load-libs := wire dtls call program
test-load-pkgs := libsystemd
test-load-files := $(addprefix tools/load/,options.c count.c proc.c sdp.c \
    janus_text.c)
