efivars-objs-y := efivars.o facts.o
efivars-libs := base boot
efivars-pkgs :=
