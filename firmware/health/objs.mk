health-objs-y := health.o judge.o
health-libs := base
health-pkgs :=
