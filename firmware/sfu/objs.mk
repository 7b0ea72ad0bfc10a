sfu-objs-y := allocate.o bandwidth.o feedback.o link.o packet.o report.o resend.o rtcp.o slot.o source.o
sfu-libs := base wire hop estimate
sfu-pkgs :=
