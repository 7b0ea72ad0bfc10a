# The program's files, too, over a folder of plain files; and the program itself.
test-boot-files := $(addprefix firmware/bin/konklave-boot/,disk.c efivars.c \
    facts.c)
test-boot-libs := program
test-boot-pkgs := libsystemd
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/boot: | \
    $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/konklave-boot))
