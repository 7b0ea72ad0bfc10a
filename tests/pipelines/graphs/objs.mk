test-pipelines-graphs-ldflags := -Wl,--no-as-needed -lm \
    -Wl,--wrap=snd_pcm_readi,--wrap=snd_pcm_writei
test-pipelines-graphs-libs := notice sframe wire room
test-pipelines-graphs-pkgs := gstreamer-1.0 gstreamer-app-1.0 \
    gstreamer-video-1.0 cairo opus pangocairo alsa
test-pipelines-graphs-files := tests/pipelines/layers/codec.c
