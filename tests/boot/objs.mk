# The program's files, too, over a folder of plain files; and the program itself.
test-boot-files := firmware/bin/konklave-boot/disk.c
test-boot-libs := program efivars
test-boot-pkgs := libsystemd
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/boot: | \
    $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/konklave-boot))
