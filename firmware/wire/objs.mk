wire-objs-y := sframe_header.o
wire-libs := base
