# An endpoint's handshakes are mbedTLS's.
link-objs-$(KK_DTLS_MBEDTLS) := address.o ice.o link.o lookup.o measure.o queue.o restart.o rtcp.o run.o secure.o session.o \
    session_rx.o session_tx.o state.o
link-libs := base wire dtls srtp hop estimate
link-pkgs := nice glib-2.0 gobject-2.0 gio-2.0
