line-objs-y := line.o voice.o
line-libs := base codec phone ivr
line-pkgs :=
