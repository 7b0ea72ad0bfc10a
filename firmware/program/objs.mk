program-objs-y := file.o log.o sandbox.o
program-libs := base
