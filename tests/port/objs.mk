test-port-files := $(addprefix firmware/bin/konklave-port/,event.c tell.c)
