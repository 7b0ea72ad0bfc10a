# Its identity key lives in the file store.
keyd-objs-$(KK_KEYSTORE_FILE) := main.o options.o pem.o device.o enrol.o \
    identity.o member.o interface.o methods.o methods_group.o methods_join.o \
    methods_setup.o staged.o meeting.o store.o epochs.o expiry.o
keyd-libs := base program crypto mls meeting call drivers-keystore
keyd-pkgs := libsystemd
