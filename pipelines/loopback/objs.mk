# The participants of a call that a box holds with itself.
loopback-objs-$(KK_SFRAME) := end.o judge.o look.o paint.o pattern.o play.o tune.o
loopback-libs := base program wire crypto sframe pipelines-elements pipelines-graphs \
    drivers-audio drivers-camera
loopback-pkgs := gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0 opus
loopback-ldlibs := -lm
