test-signal-libs := call
test-signal-pkgs := libsystemd
