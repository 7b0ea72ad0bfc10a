program-objs-y := file.o sandbox.o
program-libs := base
