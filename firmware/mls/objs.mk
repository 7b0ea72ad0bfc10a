mls-objs-y := types.o treemath.o schedule.o ratchet.o secrettree.o \
    secrettree_state.o
mls-objs-y += ext.o leaf.o proposal.o commit.o content.o message.o
mls-libs := base crypto
