lined-objs-y := main.o options.o loop.o sounds.o mixd.o roomd.o calls.o goodbye.o label.o menu.o \
	media.o place.o tick.o trunk.o rtp.o set.o rtcp.o address.o
lined-libs := base program call line phone ivr ring srtp wire offer ua drivers-audio
lined-pkgs := libsystemd glib-2.0
