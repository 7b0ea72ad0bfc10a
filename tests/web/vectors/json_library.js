/* json_library.js - the JavaScript side of json_js.c, for emcc --js-library. */
/* global addToLibrary, Module, HEAPU8, HEAPU32, UTF8ToString, require */
addToLibrary({
	js_load(path) {
		let text;
		try {
			text = require("fs").readFileSync(UTF8ToString(path), "utf8");
		} catch (error) {
			return error.code === "ENOENT" ? 1 : 2;
		}
		/* Strings stay; a number of 16 digits becomes a marked string. */
		text = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![.eE\d])/g,
		    (found) => found[0] === '"' ? found : '"\\u0000' + found + '"');
		let root;
		try {
			root = JSON.parse(text, (key, value) =>
			    typeof value === "string" && value[0] === "\0" ?
			    BigInt(value.slice(1)) : value);
		} catch {
			return 3;
		}
		Module.kkJson = { values: [undefined, root], texts: new Map() };
		return 0;
	},

	js_free__deps: ["free"],
	js_free() {
		for (const at of Module.kkJson.texts.values())
			_free(at);
		Module.kkJson = undefined;
	},

	js_type(v) {
		const value = Module.kkJson?.values[v];
		if (value === undefined || value === null)
			return 0;
		if (Array.isArray(value))
			return 1;
		switch (typeof value) {
		case "object":
			return 2;
		case "string":
			return 3;
		case "boolean":
			return 5;
		case "bigint":
			return value >= 0n && value < 1n << 64n ? 4 : 6;
		default:
			return Number.isSafeInteger(value) && value >= 0 ? 4 : 6;
		}
	},

	js_len(v) {
		const value = Module.kkJson.values[v];
		return Array.isArray(value) ? value.length : Object.keys(value).length;
	},

	js_at(v, index) {
		const { values } = Module.kkJson;
		return values.push(values[v][index]) - 1;
	},

	js_get(v, key) {
		const { values } = Module.kkJson;
		const name = UTF8ToString(key);
		if (!Object.hasOwn(values[v], name))
			return 0;
		return values.push(values[v][name]) - 1;
	},

	js_text__deps: ["$stringToNewUTF8"],
	js_text(v, index) {
		const { values, texts } = Module.kkJson;
		const text = index < 0 ? values[v] : Object.keys(values[v])[index];
		if (!texts.has(text))
			texts.set(text, stringToNewUTF8(text));
		return texts.get(text);
	},

	js_number(v, out) {
		const value = BigInt(Module.kkJson.values[v]);
		HEAPU32[out >> 2] = Number(value & 0xffffffffn);
		HEAPU32[(out >> 2) + 1] = Number(value >> 32n);
	},

	js_bool(v) {
		return Module.kkJson.values[v] ? 1 : 0;
	},
});
