mixd-objs-$(KK_SFRAME) := main.o options.o far.o lanes.o memory.o pace.o serve.o uplink.o
mixd-libs := base program call codec conference crypto mix phone ring sframe wire \
    pipelines-elements pipelines-graphs pipelines-link pipelines-member
mixd-pkgs := libsystemd
