konklave-update-objs-y := main.o options.o run.o facts.o tried.o info.o seal.o \
    bundle.o copy.o slot.o worker.o drive.o meeting.o plan.o interface.o serve.o \
    daemon.o client.o
konklave-update-libs := base program boot call update
konklave-update-pkgs := libsystemd
