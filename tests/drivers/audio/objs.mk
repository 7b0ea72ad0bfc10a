test-drivers-audio-ldflags := -Wl,--no-as-needed -lm
