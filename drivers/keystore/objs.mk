keystore-objs-y := keystore.o handle.o secret.o selftest.o
keystore-objs-$(KK_KEYSTORE_FILE) += file.o file_format.o file_io.o
keystore-objs-$(KK_KEYSTORE_PKCS11) += pkcs11.o
keystore-objs-$(KK_KEYSTORE_TPM2) += tpm2.o tpm2_format.o file_io.o
keystore-objs-$(KK_KEYSTORE_SANDBOX) += sandbox.o
keystore-libs := base crypto
ifeq ($(KK_KEYSTORE_PKCS11),y)
keystore-pkgs += p11-kit-1
endif
ifeq ($(KK_KEYSTORE_TPM2),y)
keystore-pkgs += tss2-esys tss2-tctildr tss2-mu
endif
