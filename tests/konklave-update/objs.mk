# The program's own files; and the program itself, with the real konklave-boot.
# cuts.c ends a process at each of the calls that change a disk.
test-konklave-update-files := $(addprefix firmware/bin/konklave-update/, \
    copy.c esp.c facts.c info.c slot.c tried.c)
test-konklave-update-libs := notice program boot bundle call room update
test-konklave-update-pkgs := libsystemd
test-konklave-update-ldflags := -Wl,--wrap=pwrite,--wrap=fdatasync,--wrap=fsync,--wrap=syncfs,--wrap=renameat,--wrap=unlinkat
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/konklave-update: | \
    $(addprefix $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/, \
	konklave-boot konklave-fetch konklave-update)))
