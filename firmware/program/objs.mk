program-objs-y := config.o file.o listen.o log.o log_json.o options.o roles.o run.o sandbox.o \
	words.o
program-libs := base
program-pkgs := libsystemd
