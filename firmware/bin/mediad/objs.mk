mediad-objs-$(KK_SFRAME) := main.o options.o client.o keys.o plan.o plan_parts.o \
    room.o report.o transport.o
mediad-libs := base program call crypto sframe wire pipelines-elements pipelines-graphs \
    pipelines-link
mediad-pkgs := libsystemd
