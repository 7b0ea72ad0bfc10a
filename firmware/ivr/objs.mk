ivr-objs-y := entry.o ivr.o limits.o meeting.o
ivr-libs := base
ivr-pkgs :=
