# The same machine as a model for spin, with the table's own cells.
UPDATE_DUMP := $(O)/gcc/update-dump
$(eval $(call program,gcc,$(UPDATE_DUMP), \
    $(call objects,gcc,tests/update/model/dump.c),base update,,))
$(eval $(call tap-script,update-model,$(UPDATE_DUMP), \
    tests/update/model/run $(UPDATE_DUMP)))
