verity-objs-y := verity.o
verity-libs := base
verity-pkgs :=
