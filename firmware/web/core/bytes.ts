/* bytes.ts - runs of bytes in and out of the core, as in base/reader.h. */

const varintMax = 0x3fffffff;

/* A growing writer of the TLS presentation language. */
export class Writer {
	#bytes = new Uint8Array(256);
	#view = new DataView(this.#bytes.buffer);
	#at = 0;

	#room(bytes: number): number {
		const at = this.#at;

		this.#at += bytes;
		if (this.#at > this.#bytes.length) {
			const grown = new Uint8Array(
			    Math.max(this.#at, 2 * this.#bytes.length));

			grown.set(this.#bytes.subarray(0, at));
			this.#bytes.fill(0);
			this.#bytes = grown;
			this.#view = new DataView(grown.buffer);
		}
		return at;
	}

	u8(n: number): this {
		const at = this.#room(1);

		this.#view.setUint8(at, n);
		return this;
	}

	u16(n: number): this {
		const at = this.#room(2);

		this.#view.setUint16(at, n);
		return this;
	}

	u32(n: number): this {
		const at = this.#room(4);

		this.#view.setUint32(at, n);
		return this;
	}

	u64(n: number | bigint): this {
		const at = this.#room(8);

		this.#view.setBigUint64(at, BigInt(n));
		return this;
	}

	flag(is: boolean | undefined): this {
		return this.u8(is ? 1 : 0);
	}

	raw(bytes: Uint8Array): this {
		const at = this.#room(bytes.length);

		this.#bytes.set(bytes, at);
		return this;
	}

	vec(bytes: Uint8Array | undefined): this {
		const length = bytes?.length ?? 0;

		if (length > varintMax)
			throw new RangeError("a vector of more than 2^30 bytes");
		if (length < 0x40)
			this.u8(length);
		else if (length < 0x4000)
			this.u16(0x4000 | length);
		else
			this.u32((0x80000000 | length) >>> 0);
		return bytes ? this.raw(bytes) : this;
	}

	text(text: string): this {
		return this.vec(new TextEncoder().encode(text));
	}

	get bytes(): Uint8Array {
		return this.#bytes.subarray(0, this.#at);
	}

	wipe(): void {
		this.#bytes.fill(0);
	}
}

/* Reads what the core wrote; runs of bytes are copies. */
export class Reader {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset,
		    bytes.byteLength);
	}

	#take(bytes: number): number {
		const at = this.#at;

		if (bytes > this.#bytes.length - at)
			throw new RangeError("the core's answer is too short");
		this.#at += bytes;
		return at;
	}

	u8(): number {
		return this.#view.getUint8(this.#take(1));
	}

	u16(): number {
		return this.#view.getUint16(this.#take(2));
	}

	u32(): number {
		return this.#view.getUint32(this.#take(4));
	}

	u64(): bigint {
		return this.#view.getBigUint64(this.#take(8));
	}

	flag(): boolean {
		return this.u8() !== 0;
	}

	vec(): Uint8Array {
		const first = this.u8();
		const more = [0, 1, 3][first >> 6];
		let length = first & 0x3f;

		if (more === undefined)
			throw new RangeError("the core's answer is malformed");
		for (let i = 0; i < more; i++)
			length = length * 256 + this.u8();
		const at = this.#take(length);
		return this.#bytes.slice(at, at + length);
	}

	text(): string {
		return new TextDecoder().decode(this.vec());
	}

	get hasMore(): boolean {
		return this.#at < this.#bytes.length;
	}
}
