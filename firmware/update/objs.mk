update-objs-y := judge.o machine.o table.o words.o
update-libs := base
update-pkgs :=
