# These flags stand before the objects, so the linker must not judge yet.
test-drivers-echo-ldflags := -Wl,--push-state,--no-as-needed -lm -Wl,--pop-state
