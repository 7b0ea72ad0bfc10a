konklave-welcome-objs-$(KK_SFRAME) := main.o options.o picture.o acts.o keys.o stick.o
konklave-welcome-libs := base program call profile welcome drivers-display drivers-input \
    pipelines-graphs
konklave-welcome-pkgs := libsystemd
