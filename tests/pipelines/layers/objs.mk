# Real VP8 of two sizes with three temporal layers, through the forwarder, to a
# real decoder.
test-pipelines-layers-libs := sfu hop wire
test-pipelines-layers-pkgs := gstreamer-1.0 gstreamer-app-1.0
