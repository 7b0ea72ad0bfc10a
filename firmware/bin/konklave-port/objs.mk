konklave-port-objs-y := main.o options.o commands.o key.o certificate.o store.o \
    seal.o run.o event.o tell.o
konklave-port-libs := base notice program profile
konklave-port-pkgs := libsystemd libcrypto
