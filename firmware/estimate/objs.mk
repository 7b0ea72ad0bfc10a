estimate-objs-y := acked.o estimate.o floor.o groups.o history.o loss.o probe.o \
	rate.o trend.o
estimate-libs := base wire
estimate-pkgs :=
estimate-ldlibs := -lm
