keystore-objs-y := keystore.o handle.o secret.o
keystore-objs-$(KK_KEYSTORE_FILE) += file.o file_format.o file_io.o
keystore-objs-$(KK_KEYSTORE_SANDBOX) += sandbox.o
keystore-libs := base crypto
