konklave-welcome-objs-$(KK_SFRAME) := main.o options.o picture.o acts.o keys.o stick.o \
    enrol.o meeting.o
konklave-welcome-libs := base notice program call profile room welcome drivers-display drivers-input \
    pipelines-graphs
konklave-welcome-pkgs := libsystemd
