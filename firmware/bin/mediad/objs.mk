mediad-objs-$(KK_SFRAME) := main.o options.o pad.o room.o
mediad-libs := base notice program call crypto room sframe wire pipelines-elements pipelines-graphs \
    pipelines-link pipelines-member drivers-input
mediad-pkgs := libsystemd
