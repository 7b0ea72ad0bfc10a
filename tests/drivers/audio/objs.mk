test-drivers-audio-ldflags := -Wl,--no-as-needed -lm \
    -Wl,--wrap=snd_pcm_readi,--wrap=snd_pcm_writei
test-drivers-audio-pkgs := alsa
