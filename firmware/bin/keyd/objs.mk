keyd-objs-y := main.o options.o sandbox.o file.o pem.o identity.o member.o
keyd-objs-y += interface.o methods.o methods_group.o methods_join.o staged.o
keyd-objs-y += meeting.o store.o epochs.o
keyd-libs := base crypto mls meeting call drivers-keystore
keyd-pkgs := libsystemd
