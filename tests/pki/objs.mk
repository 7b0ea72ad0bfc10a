# The tool's own files, and the program itself.  crash.c ends a process at each
# of the calls that change a folder.
test-pki-files := $(filter-out tools/pki/main.c,$(wildcard tools/pki/*.c))
test-pki-libs := program crypto drivers-keystore
test-pki-pkgs := libsystemd libcrypto
test-pki-ldflags := -Wl,--wrap=write,--wrap=fsync,--wrap=openat,--wrap=rename,--wrap=renameat,--wrap=unlinkat,--wrap=mkdir,--wrap=mkdirat,--wrap=rmdir,--wrap=PKCS5_pbe2_set_scrypt
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/pki: | $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/konklave-pki))
