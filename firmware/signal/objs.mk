signal-objs-y := scan.o fields.o request.o request_media.o text.o write.o write_media.o state.o
signal-libs := base call
signal-pkgs := libsystemd
