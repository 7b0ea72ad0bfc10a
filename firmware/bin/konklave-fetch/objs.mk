konklave-fetch-objs-y := main.o options.o net.o part.o load.o worker.o interface.o \
    serve.o daemon.o
konklave-fetch-libs := base program call update bundle profile crypto
konklave-fetch-pkgs := libsystemd libcurl
