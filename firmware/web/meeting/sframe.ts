/*
 * sframe.ts - sealed frames by WebCrypto: RFC 9605, suite 5
 * (AES_256_GCM_SHA512_128), with the KIDs of docs/protocol.md.
 *
 *	clear prefix | SFrame header | ciphertext | tag
 *
 * firmware/sframe is the same in C, and the oracle of the tests.
 */

const suite = 5;
const tagBytes = 16;
const nonceBytes = 12;
const text = new TextEncoder();

export interface Header {
	kid: bigint;
	ctr: bigint;
	bytes: number;
}

/* A number of the header: where it starts, how long; null: not minimal. */
function numberRead(frame: Uint8Array, at: number, bytes: number)
    : bigint | null {
	let n = 0n;

	if (at + bytes > frame.length)
		return null;
	for (let i = 0; i < bytes; i++)
		n = n << 8n | BigInt(frame[at + i]!);
	/* RFC 9605, 4.3: as few bytes as it takes, none for 0 to 7. */
	if (n < 8n || (bytes > 1 && n >> BigInt(8 * (bytes - 1)) === 0n))
		return null;
	return n;
}

/* Source: RFC 9605, 4.3.  null: no SFrame header. */
export function headerRead(frame: Uint8Array): Header | null {
	const config = frame[0];

	if (config === undefined)
		return null;
	const kidBytes = config & 0x80 ? (config >> 4 & 7) + 1 : 0;
	const ctrBytes = config & 0x08 ? (config & 7) + 1 : 0;
	const kid = kidBytes ? numberRead(frame, 1, kidBytes) :
	    BigInt(config >> 4 & 7);
	const ctr = ctrBytes ? numberRead(frame, 1 + kidBytes, ctrBytes) :
	    BigInt(config & 7);

	if (kid === null || ctr === null)
		return null;
	return { kid, ctr, bytes: 1 + kidBytes + ctrBytes };
}

function numberBytes(n: bigint): number[] {
	const bytes: number[] = [];

	if (n < 8n)
		return bytes;
	for (let rest = n; rest > 0n; rest >>= 8n)
		bytes.unshift(Number(rest & 0xffn));
	return bytes;
}

export function headerWrite(kid: bigint, ctr: bigint): Uint8Array {
	const k = numberBytes(kid), c = numberBytes(ctr);
	const config = (k.length ? 0x80 | k.length - 1 << 4 : Number(kid) << 4) |
	    (c.length ? 0x08 | c.length - 1 : Number(ctr));

	return Uint8Array.from([config, ...k, ...c]);
}

export interface Kid {
	epoch: number; /* its low 8 bits */
	leaf: number;
	layer: number;
	stream: number;
}

export const leavesMax = 1024;
export const layersMax = 8; /* three bits */

export function kidMake(kid: Kid): bigint {
	return BigInt(kid.epoch & 0xff) | BigInt(kid.leaf) << 8n |
	    BigInt(kid.layer) << 18n | BigInt(kid.stream) << 21n;
}

/* null: a stream that nobody has. */
export function kidSplit(kid: bigint): Kid | null {
	if (kid >> 21n > 0xffffn)
		return null;
	return { epoch: Number(kid & 0xffn), leaf: Number(kid >> 8n & 0x3ffn),
		layer: Number(kid >> 18n & 7n), stream: Number(kid >> 21n) };
}

function label(name: string, kid: bigint): Uint8Array {
	const bytes = new Uint8Array([...text.encode(name),
		0, 0, 0, 0, 0, 0, 0, 0, 0, suite]);

	new DataView(bytes.buffer).setBigUint64(bytes.length - 10, kid);
	return bytes;
}

/* An epoch's base key: usable here, and never to be read again. */
export async function importBaseKey(baseKey: Uint8Array): Promise<CryptoKey> {
	return crypto.subtle.importKey("raw", baseKey as BufferSource, "HKDF",
	    false, ["deriveKey", "deriveBits"]);
}

/* Key and salt of one KID (RFC 9605, 4.4.2). */
export class FrameKey {
	readonly #key: CryptoKey;
	readonly #salt: Uint8Array;

	private constructor(key: CryptoKey, salt: Uint8Array) {
		this.#key = key;
		this.#salt = salt;
	}

	static async derive(baseKey: CryptoKey, kid: bigint,
	    usage: "encrypt" | "decrypt"): Promise<FrameKey> {
		const by = (name: string) => ({ name: "HKDF", hash: "SHA-512",
			salt: new Uint8Array(0), info: label(name, kid) as
			    BufferSource });
		const [key, salt] = await Promise.all([
			crypto.subtle.deriveKey(by("SFrame 1.0 Secret key "),
			    baseKey, { name: "AES-GCM", length: 256 }, false,
			    [usage]),
			crypto.subtle.deriveBits(by("SFrame 1.0 Secret salt "),
			    baseKey, 8 * nonceBytes),
		]);

		return new FrameKey(key, new Uint8Array(salt));
	}

	#params(ctr: bigint, aad: Uint8Array): AesGcmParams {
		const nonce = this.#salt.slice();
		const view = new DataView(nonce.buffer);

		view.setBigUint64(4, view.getBigUint64(4) ^ ctr);
		return { name: "AES-GCM", iv: nonce,
			additionalData: aad as BufferSource };
	}

	async seal(kid: bigint, ctr: bigint, frame: Uint8Array, clear: number)
	    : Promise<Uint8Array> {
		const header = headerWrite(kid, ctr);
		const prefix = frame.subarray(0, clear);
		const sealed = new Uint8Array(await crypto.subtle.encrypt(
		    this.#params(ctr, joined(header, prefix)), this.#key,
		    frame.subarray(clear) as BufferSource));

		return joined(prefix, header, sealed);
	}

	/* Rejects where the tag is wrong. */
	async open(header: Header, sealed: Uint8Array, clear: number)
	    : Promise<Uint8Array> {
		const prefix = sealed.subarray(0, clear);
		const body = clear + header.bytes;
		const plain = new Uint8Array(await crypto.subtle.decrypt(
		    this.#params(header.ctr,
			joined(sealed.subarray(clear, body), prefix)),
		    this.#key, sealed.subarray(body) as BufferSource));

		return joined(prefix, plain);
	}

	wipe(): void {
		this.#salt.fill(0);
	}
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;

	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/*
 * How much of a VP8 frame stays clear (RFC 6386, 9.1): 10 bytes of a key frame,
 * 3 of others; -1: no VP8 frame.
 */
export function vp8ClearBytes(frame: Uint8Array): number {
	const bytes = frame.length > 0 && frame[0]! & 1 ? 3 : 10;

	return frame.length < bytes ? -1 : bytes;
}

/* Which counters of a KID have been seen; late by up to `frames`. */
export class Replay {
	static readonly frames = 1024;
	#top = -1;
	readonly #seen = new Uint8Array(Replay.frames);

	isFresh(ctr: number): boolean {
		if (ctr > this.#top)
			return true;
		if (this.#top - ctr >= Replay.frames)
			return false;
		return !this.#seen[ctr % Replay.frames];
	}

	mark(ctr: number): void {
		if (ctr - this.#top >= Replay.frames)
			this.#seen.fill(0);
		else
			for (let i = this.#top + 1; i < ctr; i++)
				this.#seen[i % Replay.frames] = 0;
		this.#top = Math.max(this.#top, ctr);
		this.#seen[ctr % Replay.frames] = 1;
	}
}

export const sealedOverheadBytes = 17 + tagBytes;
export const sealedMinBytes = 1 + tagBytes;
