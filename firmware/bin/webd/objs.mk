webd-objs-y := main.o options.o config.o file.o peers.o server.o answer.o
webd-libs := base program http
webd-pkgs := libsystemd libwebsockets
