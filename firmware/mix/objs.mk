mix-objs-y := choose.o gain.o gate.o level.o limit.o lines.o mix.o
mix-libs := base
mix-pkgs :=
mix-ldlibs := -lm
