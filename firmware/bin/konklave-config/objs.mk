konklave-config-objs-y := keystore.o main.o options.o reset.o store.o tell.o
konklave-config-libs := base notice program crypto profile
konklave-config-pkgs := libsystemd
