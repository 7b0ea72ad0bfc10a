test-drivers-camera-ldflags := -Wl,--wrap=open,--wrap=ioctl
