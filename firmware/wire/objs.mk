wire-objs-y := dd.o demux.o framing.o out.o rtcp.o rtcp_fb.o rtcp_report.o rtp.o rtp_ext.o \
	seq.o sframe_header.o stun.o stun_write.o twcc.o twcc_write.o vp8.o \
	vp9.o
wire-libs := base
wire-pkgs := nice
