# The program's own files; and the program itself, with the real konklave-boot.
test-konklave-update-files := $(addprefix firmware/bin/konklave-update/, \
    facts.c info.c plan.c run.c seal.c tried.c)
test-konklave-update-libs := program boot call update
test-konklave-update-pkgs := libsystemd
$(foreach v,gcc clang asan,$(eval $(O)/$(v)/tests/konklave-update: | \
    $(addprefix $(O)/$(if $(filter-out gcc,$(v)),$(v)/)bin/, \
	konklave-boot konklave-update)))
