test-srtp-pkgs := libcrypto
