# The half of mediad and mixd that is the same: keyd, roomd, the transport.
member-objs-$(KK_SFRAME) := client.o keys.o member.o plan.o plan_parts.o report.o room.o transport.o
member-libs := base call crypto sframe wire pipelines-elements pipelines-graphs pipelines-link
member-pkgs := libsystemd
