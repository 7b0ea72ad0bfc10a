# The first process of a booted image: it has no library but what is in it.
rootinit-objs-y := main.o modules.o mapping.o
rootinit-libs := base verity
rootinit-pkgs :=
rootinit-ldflags := -static-pie
