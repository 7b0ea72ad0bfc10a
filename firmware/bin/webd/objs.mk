webd-objs-y := main.o options.o config.o file.o peers.o server.o answer.o
webd-libs := base program crypto http ice
webd-pkgs := libsystemd libwebsockets
