sframe-objs-$(KK_SFRAME) += aead.o epoch.o key.o kid.o replay.o rx.o rx_epoch.o
sframe-objs-$(KK_SFRAME) += suite.o tx.o vp8.o
sframe-libs := base wire crypto
