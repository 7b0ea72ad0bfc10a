sfu-objs-y := allocate.o bandwidth.o burst.o choose.o feedback.o layers.o \
	link.o loud.o numbers.o packet.o paths.o report.o resend.o rid.o rtcp.o \
	share.o slot.o \
	source.o wanted.o
sfu-libs := base wire hop estimate
sfu-pkgs :=
