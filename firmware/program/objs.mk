program-objs-y := file.o log.o options.o roles.o sandbox.o
program-libs := base
