# build/bin/load: puts load on a forwarder (make bench-sfu).
LOAD_LIBS := base wire dtls srtp ws room call crypto program
load-rules = $(call program,$(1),$(bin-dir)/load, \
    $(call objects,$(1),$(wildcard tools/load/*.c)),$(LOAD_LIBS),libsystemd)
$(foreach v,gcc asan,$(eval $(call load-rules,$(v))))

all: $(O)/bin/load
