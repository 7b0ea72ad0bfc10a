konklave-health-objs-y := main.o options.o systemd.o siblings.o screen.o call.o tell.o
konklave-health-libs := base program health call
konklave-health-pkgs := libsystemd
