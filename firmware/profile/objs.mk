profile-objs-y := 8021x.o check.o csv.o devices.o files.o keys.o lines.o parse.o parts.o proxy.o words.o \
    write.o
profile-libs := base
