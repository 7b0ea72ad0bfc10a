# The program's parts that need no machine.
test-rootinit-files := $(addprefix firmware/bin/rootinit/,initial.c modules.c watchdog.c)
test-rootinit-libs := verity
