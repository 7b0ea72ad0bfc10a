test-pipelines-graphs-ldflags := -Wl,--no-as-needed -lm
test-pipelines-graphs-libs := sframe wire room
test-pipelines-graphs-pkgs := gstreamer-1.0 gstreamer-app-1.0 \
    gstreamer-video-1.0 cairo opus pangocairo
