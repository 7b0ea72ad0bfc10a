ice-objs-y := server.o login.o config.o
ice-libs := base crypto
