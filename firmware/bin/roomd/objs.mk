roomd-objs-y := main.o options.o saved.o drive.o meeting.o \
    keys.o keys_call.o keys_read.o server.o interface.o lines_interface.o \
    lines.o lines_methods.o lines_put.o methods_lines.o dial.o follow.o \
    methods.o plan.o policy.o tell.o turn.o
roomd-libs := base program call conference crypto ice room ws
roomd-pkgs := libsystemd
