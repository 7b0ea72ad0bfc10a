wire-objs-y := demux.o out.o rtp.o rtp_ext.o seq.o sframe_header.o
wire-libs := base
