# House checks and static analysis.

C_FILES := $(sort $(shell find firmware drivers pipelines tests \
    -name node_modules -prune -o -name '*.[ch]' -print 2>/dev/null))

.PHONY: format
format:
	$(Q)clang-format -i $(C_FILES)
