konklave-loopback-objs-$(KK_SFRAME) := main.o options.o end.o forwarder.o group.o media.o tell.o
konklave-loopback-libs := base program call crypto mls room sframe wire ws pipelines-elements pipelines-graphs \
    pipelines-link pipelines-loopback
konklave-loopback-pkgs := libsystemd
