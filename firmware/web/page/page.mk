# The guest's page: firmware/web/meeting and page with the key core, bundled.
# TypeScript and the bundler find npm's packages above the sources' copy.

WEB := $(O)/web
WEB_NPM := $(O)/npm/firmware/web
WEB_TS := $(WEB_NPM)/src
WEB_JS := $(WEB_NPM)/js
WEB_MEETING := $(wildcard firmware/web/meeting/*.ts)
WEB_PAGE := $(filter-out %.mk,$(wildcard firmware/web/page/*))
WEB_CORE := $(WASM)/konklave-core.mjs $(WASM)/core.js

$(WEB_JS)/made: $(WEB_MEETING) $(WEB_PAGE) firmware/web/tsconfig.json \
    $(WEB_CORE) $(WEB_NPM)/installed
	$(call say,TSC,$(WEB_JS))
	@rm -rf $(WEB_TS) $(WEB_JS)
	@mkdir -p $(WEB_TS)/core $(WEB_TS)/meeting $(WEB_TS)/page $(WEB_JS)
	@cp firmware/web/tsconfig.json $(WEB_TS)/
	@cp $(WASM)/*.js $(WASM)/*.mjs $(WASM)/*.wasm $(WASM)/*.d.ts \
	    $(WASM_DIR)/*.d.mts $(WEB_TS)/core/
	@cp $(WEB_MEETING) $(WEB_TS)/meeting/
	@cp $(WEB_PAGE) $(WEB_TS)/page/
	$(Q)node $(TSC) -p $(WEB_TS) --rootDir $(WEB_TS) --outDir $(WEB_JS)
	@cp -r $(WEB_TS)/core $(WEB_JS)/
	@cp $(filter-out %.ts %.tsx,$(WEB_PAGE)) $(WEB_JS)/page/
	@echo '{ "type": "module" }' >$(WEB_JS)/package.json
	@touch $@

$(WEB)/index.html: $(WEB_JS)/made firmware/web/build.mjs
	$(call say,BUNDLE,$(WEB))
	$(Q)node firmware/web/build.mjs $(abspath $(WEB_JS)) $(abspath $(WEB))

.PHONY: web
web: $(WEB)/index.html
	@printf '  %-8s %s bytes, %s gzipped\n' \
	    WEB $$(cat $(WEB)/assets/*.js $(WEB)/assets/*.css \
	    $(WEB)/assets/*.wasm | wc -c) \
	    $$(cat $(WEB)/assets/*.gz | wc -c)
