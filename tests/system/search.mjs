/*
 * search.mjs - looks for secrets in a running process, and in files.
 *
 * A needle is looked for raw, as hex in both cases, as base64 and base64url at
 * each of the three positions that it may have in longer data, and, where it is
 * text, as UTF-16 of both byte orders.
 */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { hkdfSync } from "node:crypto";

const chunkBytes = 4 << 20;
const shortestBytes = 8; /* shorter ones are found by chance */

/* The part of base64 that depends on these bytes alone, at each position. */
function base64Forms(bytes, encoding) {
	return [0, 1, 2].map((shift) => {
		const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
		const text = padded.toString(encoding).replace(/=+$/, "");
		const skip = shift === 0 ? 0 : shift + 1;
		const left = padded.length % 3;

		return Buffer.from(text.slice(skip,
		    left === 0 ? undefined : -1));
	});
}

function utf16(text) {
	const little = Buffer.from(text, "utf16le");
	const big = Buffer.from(little);

	big.swap16();
	return [little, big];
}

/* All ways to write a needle: { name, form, bytes }. */
export function forms(name, value) {
	const isText = typeof value === "string";
	const bytes = Buffer.from(value);
	const hex = bytes.toString("hex");
	const all = [["raw", bytes], ["hex", Buffer.from(hex)],
		["HEX", Buffer.from(hex.toUpperCase())],
		...base64Forms(bytes, "base64").map((b) => ["base64", b]),
		...base64Forms(bytes, "base64url").map((b) => ["base64url", b]),
		...(isText ? utf16(value).map((b) => ["UTF-16", b]) : [])];

	if (bytes.length < shortestBytes)
		throw new Error(`${name}: too short to be looked for`);
	return all.map(([form, b]) => ({ name, form, bytes: b }));
}

function searchBuffer(buffer, needles, hits) {
	for (const needle of needles)
		if (buffer.includes(needle.bytes))
			hits.set(`${needle.name} (${needle.form})`, true);
}

/* needles: from forms().  Gives the sorted names of what was found. */
export function searchFile(path, needles) {
	const hits = new Map();

	searchBuffer(readFileSync(path), needles, hits);
	return [...hits.keys()].sort();
}

/* Readable memory of a process: [from, to] as BigInt. */
function mappings(pid) {
	return readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")
	    .filter((line) => / r.{3} /.test(line) &&
		!/\[(vvar|vsyscall|vvar_vclock)\]/.test(line))
	    .map((line) => line.split(" ")[0].split("-")
		.map((s) => BigInt(`0x${s}`)));
}

/*
 * All of the memory of a process, as a core image would have it; what cannot be
 * read (a mapping that went away) is left out.  { hits, bytes }.
 */
export function searchProcess(pid, needles) {
	const overlap = Math.max(...needles.map((n) => n.bytes.length)) - 1;
	const fd = openSync(`/proc/${pid}/mem`, "r");
	const buffer = Buffer.alloc(chunkBytes + overlap);
	const hits = new Map();
	let bytes = 0;

	for (const [from, to] of mappings(pid)) {
		for (let at = from; at < to; at += BigInt(chunkBytes)) {
			const want = Number(to - at < buffer.length ? to - at :
			    BigInt(buffer.length));
			let got = 0;

			try {
				got = readSync(fd, buffer, 0, want, at);
			} catch {
				continue;
			}
			searchBuffer(buffer.subarray(0, got), needles, hits);
			bytes += Math.min(got, chunkBytes);
		}
	}
	closeSync(fd);
	buffer.fill(0);
	return { hits: [...hits.keys()].sort(), bytes };
}

/* The key and salt of a KID under suite 5 (RFC 9605, 4.4.2). */
export function sframeKeys(baseKey, kid) {
	const tail = Buffer.alloc(10);
	const derive = (label, bytes) => Buffer.from(hkdfSync("sha512", baseKey,
	    Buffer.alloc(0), Buffer.concat([Buffer.from(label), tail]), bytes));

	tail.writeBigUInt64BE(BigInt(kid));
	tail.writeUInt16BE(5, 8);
	return { key: derive("SFrame 1.0 Secret key ", 32),
		salt: derive("SFrame 1.0 Secret salt ", 12) };
}

/* Of a member's stream; docs/protocol.md has the layout of the KID. */
export function frameKeys(baseKey, epoch, leaf, stream) {
	return sframeKeys(baseKey, BigInt(epoch) & 0xffn | BigInt(leaf) << 8n |
	    BigInt(stream) << 21n);
}

/* What follows from a meeting's secret (docs/protocol.md). */
export function meetingKeys(id, secret) {
	const derive = (what, bytes) => Buffer.from(hkdfSync("sha256", secret,
	    Buffer.from("Konklave 1 meeting"),
	    Buffer.concat([Buffer.from(`${what}\0`), id]), bytes));

	return { wrap: derive("wrap", 32), psk: derive("psk", 32) };
}
