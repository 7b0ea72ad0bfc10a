roomd-objs-y := main.o options.o saved.o drive.o meeting.o \
    keys.o keys_call.o keys_read.o server.o interface.o lines_interface.o \
    methods.o plan.o turn.o
roomd-libs := base program call crypto ice room ws
roomd-pkgs := libsystemd
