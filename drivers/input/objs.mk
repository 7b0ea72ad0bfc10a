# The words' reader is konklave-room's and the fuzz target's too: it stays in.
input-objs-y := input.o words.o
input-objs-$(KK_INPUT_EVDEV) += evdev.o decode.o
input-objs-$(KK_INPUT_PIPE) += pipe.o
input-libs := base
input-pkgs := libevdev xkbcommon
