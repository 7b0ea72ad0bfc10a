konklave-room-objs-y := main.o call.o press.o words.o
konklave-room-libs := base program call room drivers-input
konklave-room-pkgs := libsystemd
