srtp-objs-y := engines.o libsrtp.o many.o profile.o srtp.o streams.o transform.o
srtp-libs := base wire drivers-crypto-engine
srtp-pkgs := libsrtp2
