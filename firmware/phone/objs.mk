phone-objs-y := digits.o play.o rx.o store.o tones.o tx.o tx_keys.o
phone-libs := base wire codec
phone-pkgs := spandsp speexdsp
phone-ldlibs := -lm
