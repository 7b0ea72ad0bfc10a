# build/bin/konklave-pki: a site's certificate authority.
PKI_LIBS := base program crypto drivers-keystore
pki-rules = $(call program,$(1),$(bin-dir)/konklave-pki, \
    $(call objects,$(1),$(wildcard tools/pki/*.c)),$(PKI_LIBS), \
    libsystemd libcrypto)
$(foreach v,gcc clang asan,$(eval $(call pki-rules,$(v))))

all: $(O)/bin/konklave-pki
