test-flash-libs := profile program
test-flash-pkgs := libcrypto
test-flash-files := $(addprefix tools/flash/,disks.c gpt.c install.c \
    manifest.c record.c words.c write.c)
