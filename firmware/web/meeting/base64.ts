/* base64.ts - bytes as text (RFC 4648, 4 and 5), strictly. */

const plain = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function toBase64(bytes: Uint8Array): string {
	let text = "";

	for (let i = 0; i < bytes.length; i += 8192)
		text += String.fromCharCode(...bytes.subarray(i, i + 8192));
	return btoa(text);
}

/* null: not base64. */
export function fromBase64(text: unknown): Uint8Array | null {
	if (typeof text !== "string" || !plain.test(text))
		return null;
	return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/* Without padding; null: not base64url. */
export function fromBase64Url(text: string): Uint8Array | null {
	if (!/^[A-Za-z0-9_-]*$/.test(text))
		return null;
	const padded = text.replaceAll("-", "+").replaceAll("_", "/") +
	    "=".repeat((4 - text.length % 4) % 4);
	const bytes = fromBase64(padded);

	/* One way to write it: bits that say nothing are zero. */
	return bytes && toBase64(bytes) === padded ? bytes : null;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/* Does a run of bytes stand in another? */
export function bytesInclude(all: Uint8Array, part: Uint8Array): boolean {
	for (let at = 0; at + part.length <= all.length; at++) {
		let i = 0;

		while (i < part.length && all[at + i] === part[i])
			i++;
		if (i === part.length)
			return true;
	}
	return false;
}
