codec-objs-y := conceal.o formats.o g711.o g722.o opus.o rx.o up.o tx.o
codec-libs := base
codec-pkgs := opus speexdsp spandsp
codec-ldlibs := -lm
