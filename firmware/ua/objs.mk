ua-objs-y := accounts.o agent.o bye.o call.o change.o connections.o digest.o fork.o \
	handshakes.o hash.o inbox.o in.o limit.o login.o out.o place.o probe.o registrar.o \
	sdp.o timer.o tls.o trunk.o
ua-libs := base
ua-pkgs := sofia-sip-ua sofia-sip-ua-glib libssl libcrypto
