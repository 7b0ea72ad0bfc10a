conference-objs-y := change.o text.o
conference-libs := base
conference-pkgs :=
