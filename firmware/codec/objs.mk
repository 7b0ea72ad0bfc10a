codec-objs-y := conceal.o formats.o g711.o g722.o opus.o rate.o rx.o up.o tx.o
codec-libs := base
codec-pkgs := opus spandsp
codec-ldlibs := -lm
