program-objs-y := config.o file.o listen.o log.o log_json.o notice.o options.o roles.o run.o sandbox.o \
	words.o
program-libs := base notice
program-pkgs := libsystemd
