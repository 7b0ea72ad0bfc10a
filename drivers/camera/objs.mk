# strip.o is the test strip's reader too: it stays in.
camera-objs-y := camera.o strip.o
camera-objs-$(KK_CAMERA_V4L2) += v4l2.o nodes.o choice.o
camera-objs-$(KK_CAMERA_FILE) += file.o
camera-objs-$(KK_CAMERA_SANDBOX) += sandbox.o
camera-libs := base
camera-pkgs := cairo
camera-ldlibs := -lm
