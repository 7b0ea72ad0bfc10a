hop-objs-y := history.o keyframe.o lost.o rtx.o rx.o rx_twcc.o tx.o
hop-libs := base wire
hop-pkgs :=
