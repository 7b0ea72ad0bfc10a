# expand_watch.c counts the derivations and fails them in turn.
test-mls-ldflags := -Wl,--wrap=crypto_expand_with_label
