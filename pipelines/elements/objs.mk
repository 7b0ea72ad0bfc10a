elements-objs-y := vp8pay/vp8pay.o
elements-objs-$(KK_SFRAME) += vault/vault.o
elements-libs := base wire crypto sframe
elements-pkgs := gstreamer-1.0 gstreamer-base-1.0 gstreamer-rtp-1.0
