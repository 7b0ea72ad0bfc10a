mls-objs-y := types.o treemath.o schedule.o ratchet.o secrettree.o \
    secrettree_state.o
mls-objs-y += ext.o leaf.o proposal.o commit.o content.o message.o
mls-libs := base crypto
mls-objs-y += tree.o treechange.o treehash.o treecheck.o leafcheck.o
mls-objs-y += keyring.o treekem.o treekem_send.o
mls-objs-y += protect.o protect_private.o
mls-objs-y += client.o epoch.o group.o store.o items.o rules.o select.o
mls-objs-y += apply.o psk.o staged.o stage.o commit_take.o commit_make.o
mls-objs-y += process.o propose.o join.o external.o welcome.o info.o
mls-objs-y += state.o seal.o save.o
