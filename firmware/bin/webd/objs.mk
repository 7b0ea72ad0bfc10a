webd-objs-y := main.o options.o config.o sandbox.o file.o peers.o server.o answer.o
webd-libs := base http
webd-pkgs := libsystemd libwebsockets
