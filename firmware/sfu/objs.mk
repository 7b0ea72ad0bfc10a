sfu-objs-y := allocate.o feedback.o link.o packet.o report.o resend.o rtcp.o slot.o source.o
sfu-libs := base wire hop
sfu-pkgs :=
