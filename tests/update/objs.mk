# A box's whole life, with the boot handler's commands and the box of its tests.
test-update-files := tests/boot/world.c tests/boot/states.c
test-update-libs := boot
