test-ws-pkgs := libwebsockets libsystemd
