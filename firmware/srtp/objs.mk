srtp-objs-y := libsrtp.o profile.o srtp.o ssrcs.o
srtp-libs := base wire
srtp-pkgs := libsrtp2
