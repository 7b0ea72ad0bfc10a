# vectors.c compares with an independent HKDF and AES-GCM (OpenSSL's).
test-meeting-pkgs := libcrypto
