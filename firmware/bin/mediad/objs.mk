mediad-objs-$(KK_SFRAME) := main.o options.o room.o
mediad-libs := base program call crypto sframe wire pipelines-elements pipelines-graphs \
    pipelines-link pipelines-member
mediad-pkgs := libsystemd
