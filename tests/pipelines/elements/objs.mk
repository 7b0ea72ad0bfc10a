test-pipelines-elements-libs := wire sframe crypto
test-pipelines-elements-pkgs := gstreamer-1.0 gstreamer-app-1.0 gstreamer-rtp-1.0
