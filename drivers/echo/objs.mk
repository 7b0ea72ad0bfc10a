echo-objs-y := echo.o sandbox.o
echo-objs-$(KK_ECHO_WEBRTC) += webrtc.o
echo-libs := base
ifeq ($(KK_ECHO_WEBRTC),y)
echo-pkgs := webrtc-audio-processing-1
echo-ldlibs := -lstdc++
endif
