test-wire-pkgs := libcrypto
