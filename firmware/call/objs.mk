call-objs-y := error.o json.o table.o server.o server_socket.o interface.o
call-libs := base
call-pkgs := libsystemd
