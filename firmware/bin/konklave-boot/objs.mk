konklave-boot-objs-y := main.o options.o efivars.o facts.o disk.o
konklave-boot-libs := base program boot
konklave-boot-pkgs := libsystemd
