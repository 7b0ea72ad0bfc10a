offer-objs-y := answer.o check.o crypto.o read.o write.o
offer-libs := base codec
offer-pkgs := sofia-sip-ua
