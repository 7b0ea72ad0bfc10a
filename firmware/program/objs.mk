program-objs-y := file.o
program-libs := base
