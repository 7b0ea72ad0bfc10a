# server.c is a client too.
test-call-pkgs := libsystemd
