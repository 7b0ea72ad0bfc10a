konklave-room-objs-y := main.o call.o words.o
konklave-room-libs := base program call room
konklave-room-pkgs := libsystemd
