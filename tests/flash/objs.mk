test-flash-libs := profile
test-flash-pkgs := libcrypto
test-flash-files := $(addprefix tools/flash/,disks.c gpt.c manifest.c words.c \
    write.c)
