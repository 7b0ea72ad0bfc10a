meeting-objs-y := keys.o wrap.o code.o
meeting-libs := base crypto
