/*
 * verify.ts - signature checks by WebCrypto, in parallel.
 *
 * A verdict is given only where WebCrypto gave one: what it does not know, and
 * keys and signatures that it does not take, are left to the core.
 */

export interface Check {
	sig: number; /* RFC 8446, 4.2.3 */
	publicKey: Uint8Array;
	message: Uint8Array;
	signature: Uint8Array;
}

export enum Verdict { Invalid, Valid, None }

interface Scheme {
	curve: string;
	hash: string;
	bytes: number; /* of a coordinate */
}

const schemes = new Map<number, Scheme>([
	[0x0403, { curve: "P-256", hash: "SHA-256", bytes: 32 }],
	[0x0503, { curve: "P-384", hash: "SHA-384", bytes: 48 }],
	[0x0603, { curve: "P-521", hash: "SHA-512", bytes: 66 }],
]);

/* One number of Ecdsa-Sig-Value; the end of it, or -1. */
function integerCopy(der: Uint8Array, at: number, out: Uint8Array): number {
	const length = der[at + 1] ?? 0;
	const end = at + 2 + length;
	let from = at + 2;

	if (der[at] !== 2 || length === 0 || end > der.length)
		return -1;
	if (der[from]! >= 0x80)
		return -1;
	if (der[from] === 0 && length > 1) {
		from++;
		if (der[from]! < 0x80)
			return -1;
	}
	if (end - from > out.length)
		return -1;
	out.set(der.subarray(from, end), out.length - (end - from));
	return end;
}

/* ECDSA-Sig-Value (RFC 3279, 2.2.3) to WebCrypto's r and s; null: malformed. */
export function derToRaw(der: Uint8Array, bytes: number): Uint8Array | null {
	const raw = new Uint8Array(2 * bytes);
	const isLong = der[1] === 0x81;
	const head = isLong ? 3 : 2;
	const length = isLong ? der[2] ?? 0 : der[1] ?? 0;

	if (der[0] !== 0x30 || head + length !== der.length)
		return null;
	if (isLong ? length < 0x80 : length >= 0x80)
		return null;
	const middle = integerCopy(der, head, raw.subarray(0, bytes));
	if (middle < 0)
		return null;
	const end = integerCopy(der, middle, raw.subarray(bytes));
	return end === der.length ? raw : null;
}

/* Imported keys: members' keys are asked for again with every commit. */
export class KeyCache {
	static readonly max = 2048;
	readonly #keys = new Map<string, Promise<CryptoKey>>();

	clear(): void {
		this.#keys.clear();
	}

	get(subtle: SubtleCrypto, check: Check, scheme: Scheme)
	    : Promise<CryptoKey> {
		const name = check.sig + ":" +
		    String.fromCharCode(...check.publicKey);
		const known = this.#keys.get(name);

		if (known)
			return known;
		const key = subtle.importKey("raw", check.publicKey as BufferSource,
		    { name: "ECDSA", namedCurve: scheme.curve }, false,
		    ["verify"]);
		if (this.#keys.size >= KeyCache.max)
			this.#keys.clear();
		this.#keys.set(name, key);
		return key;
	}
}

export async function verifyOne(subtle: SubtleCrypto | undefined,
    keys: KeyCache, check: Check): Promise<Verdict> {
	const scheme = schemes.get(check.sig);
	const raw = scheme && derToRaw(check.signature, scheme.bytes);

	if (!subtle || !scheme || !raw)
		return Verdict.None;
	/* RFC 9420, 5.1.1; WebCrypto would take a compressed point as well. */
	if (check.publicKey.length !== 1 + 2 * scheme.bytes ||
	    check.publicKey[0] !== 4)
		return Verdict.None;
	try {
		const key = await keys.get(subtle, check, scheme);
		const isValid = await subtle.verify(
		    { name: "ECDSA", hash: scheme.hash }, key,
		    raw as BufferSource, check.message as BufferSource);

		return isValid ? Verdict.Valid : Verdict.Invalid;
	} catch {
		return Verdict.None;
	}
}
