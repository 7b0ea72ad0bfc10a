ring-objs-y := ring.o
ring-libs := base
ring-pkgs :=
