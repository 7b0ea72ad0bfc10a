# The first process of a booted image: it has no library but what is in it.
rootinit-objs-y := main.o modules.o count.o mapping.o initial.o watchdog.o
rootinit-libs := base verity boot efivars
rootinit-pkgs :=
rootinit-ldflags := -static-pie
