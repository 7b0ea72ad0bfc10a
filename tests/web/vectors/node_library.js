/* node_library.js - the JavaScript side of node_crypto.c, for emcc --js-library. */
/* global addToLibrary, Module, HEAPU8, HEAPU32, UTF8ToString, require */
addToLibrary({
	node_start(ed25519, ed448, x448) {
		const { createPrivateKey, createPublicKey } = require("crypto");
		const forms = {
			[ed25519]: [112, 32],
			[ed448]: [113, 57],
			[x448]: [111, 56]
		};
		const bytes = (at, count) => Buffer.from(HEAPU8.slice(at, at + count));
		Module.kkKeys = {
			bytes: forms,
			get(curve, at, isPrivate) {
				const [last, count] = forms[curve];
				const oid = [0x30, 5, 6, 3, 0x2b, 0x65, last];
				const head = isPrivate ? [0x30, count + 14, 2, 1, 0,
					...oid, 4, count + 2, 4, count] :
				    [0x30, count + 10, ...oid, 3, count + 1, 0];
				const key = Buffer.concat([Buffer.from(head),
					bytes(at, count)]);
				return isPrivate ? createPrivateKey({ key,
					format: "der", type: "pkcs8" }) :
				    createPublicKey({ key, format: "der",
					type: "spki" });
			},
			view: bytes
		};
		return 1;
	},

	node_public(curve, key, out) {
		const { createPublicKey } = require("crypto");
		const spki = createPublicKey(Module.kkKeys.get(curve, key, true))
		    .export({ format: "der", type: "spki" });
		HEAPU8.set(spki.subarray(-Module.kkKeys.bytes[curve][1]), out);
	},

	node_sign(curve, key, message, bytes, out) {
		const signature = require("crypto").sign(null,
		    Module.kkKeys.view(message, bytes), Module.kkKeys.get(curve, key, true));
		HEAPU8.set(signature, out);
		return signature.length;
	},

	node_verify(curve, key, message, bytes, signature, signature_bytes) {
		try {
			return require("crypto").verify(null,
			    Module.kkKeys.view(message, bytes),
			    Module.kkKeys.get(curve, key, false),
			    Module.kkKeys.view(signature, signature_bytes)) ? 1 : 0;
		} catch {
			return 0;
		}
	},

	node_agree(curve, key, peer, out) {
		try {
			HEAPU8.set(require("crypto").diffieHellman({
				privateKey: Module.kkKeys.get(curve, key, true),
				publicKey: Module.kkKeys.get(curve, peer, false) }),
			    out);
			return 1;
		} catch {
			return 0;
		}
	},
});
