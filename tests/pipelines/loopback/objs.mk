test-pipelines-loopback-libs := pipelines-loopback pipelines-graphs drivers-audio \
    program sframe crypto wire
test-pipelines-loopback-pkgs := gstreamer-1.0 gstreamer-app-1.0 opus
