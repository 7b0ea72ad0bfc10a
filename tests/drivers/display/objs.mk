test-drivers-display-pkgs := cairo libsystemd libdrm
test-drivers-display-ldflags := -Wl,--wrap=open \
    -Wl,--wrap=drmGetVersion,--wrap=drmFreeVersion \
    -Wl,--wrap=drmModeGetResources,--wrap=drmModeFreeResources \
    -Wl,--wrap=drmModeGetConnector,--wrap=drmModeGetConnectorCurrent \
    -Wl,--wrap=drmModeFreeConnector
