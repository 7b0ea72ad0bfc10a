# Rules for objects, archives and programs.  Last: it uses what others gathered.

# $(1) variant
define compile-rules
$(O)/$(1)/obj/%.o: %.c $(O)/$(1)/flags | $(AUTOCONF)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$($(1)-cc) $$($(1)-cflags) $$(pkgcflags) -MMD -MP -c -o $$@ $$<

$(O)/$(1)/obj/%.o: %.cc $(O)/$(1)/flags | $(AUTOCONF)
	$$(call say,CXX,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$($(1)-cxx) $$(call cxx-flags,$$($(1)-cflags)) \
	    $$(patsubst -I%,-isystem%,$$(pkgcflags)) \
	    -MMD -MP -c -o $$@ $$<
endef
$(foreach v,$(VARIANTS),$(eval $(call compile-rules,$(v))))

# The configuration decides which objects an archive has.
$(O)/%.a: $(AUTOCONF)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(CROSS)ar rcsD $@ $(filter %.o,$^)

-include $(patsubst %.o,%.d,$(ALL_OBJS))

.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
