# foreign.c and outside.c are peers of another make.
test-dtls-pkgs := libssl libcrypto
