konklave-update-objs-y := main.o options.o facts.o tried.o info.o \
    bundle.o copy.o esp.o slot.o worker.o drive.o download.o meeting.o told.o interface.o serve.o \
    daemon.o client.o
konklave-update-libs := base program boot bundle call notice room update
konklave-update-pkgs := libsystemd
