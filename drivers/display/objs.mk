display-objs-y := display.o kms.o modes.o still.o
display-objs-$(KK_DISPLAY_WINDOW) += window.o
display-objs-$(KK_DISPLAY_FILE) += file.o file_json.o
display-libs := base
display-pkgs := cairo libdrm libsystemd
