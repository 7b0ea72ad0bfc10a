ws-objs-y := ws.o certificate.o loop.o conn.o io.o client.o callback.o page.o \
    proxy.o
ws-libs := base
ws-pkgs := libwebsockets libsystemd libssl libcrypto
