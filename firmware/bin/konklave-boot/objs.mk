konklave-boot-objs-y := main.o options.o disk.o mount.o
konklave-boot-libs := base program boot efivars
konklave-boot-pkgs := libsystemd
