/*
 * search.mjs - looks for secrets in a running process, and in files.
 *
 * A needle is looked for raw, as hex in both cases, as base64 and base64url at
 * each of the three positions that it may have in longer data, and, where it is
 * text, as UTF-16 of both byte orders.
 */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { hkdfSync } from "node:crypto";

const chunkBytes = 4 << 20;
const pageBytes = BigInt(execFileSync("getconf", ["PAGESIZE"]).toString());
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

/*
 * Needles by their first three bytes: one pass looks for all of them, and
 * hundreds cost no more than one.
 */
function indexMake(needles) {
	const isPair = new Uint8Array(1 << 16); /* stays in the CPU's cache */
	const byStart = new Map();

	for (const needle of needles) {
		const start = needle.bytes.readUIntLE(0, 3);

		isPair[start & 0xffff] = 1;
		byStart.set(start, [...(byStart.get(start) ?? []), needle]);
	}
	return { isPair, byStart };
}

function searchBuffer(buffer, { isPair, byStart }, hits) {
	for (let i = 0; i + 2 < buffer.length; i++) {
		if (isPair[buffer[i] | buffer[i + 1] << 8] === 0)
			continue;
		for (const { name, form, bytes } of
		    byStart.get(buffer.readUIntLE(i, 3)) ?? []) {
			const end = i + bytes.length;

			if (end <= buffer.length &&
			    bytes.compare(buffer, i, end) === 0)
				hits.add(`${name} (${form})`);
		}
	}
}

/* needles: from forms().  Gives the sorted names of what was found. */
export function searchFile(path, needles) {
	const hits = new Set();

	searchBuffer(readFileSync(path), indexMake(needles), hits);
	return [...hits].sort();
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
 * The parts of a mapping that the process has touched (proc_pid_pagemap(5):
 * bit 63 present, 62 swapped out); the others hold nothing of its own.
 */
function* touched(map, from, to) {
	const pages = Buffer.alloc(Number((to - from) / pageBytes) * 8);
	let start = null;

	readSync(map, pages, 0, pages.length, from / pageBytes * 8n);
	for (let i = 0; i <= pages.length; i += 8) {
		const is = i < pages.length && pages[i + 7] >= 0x40;

		if (is && start === null)
			start = i;
		if (!is && start !== null) {
			yield [from + BigInt(start / 8) * pageBytes,
				from + BigInt(i / 8) * pageBytes];
			start = null;
		}
	}
}

/* Reads what there is; a mapping that went away gives nothing. */
function memoryRead(fd, buffer, bytes, at) {
	try {
		return readSync(fd, buffer, 0, bytes, at);
	} catch {
		return 0;
	}
}

/* All of the memory of a process, as a core image would have it.
 * { hits, bytes }. */
export function searchProcess(pid, needles) {
	const overlap = Math.max(...needles.map((n) => n.bytes.length)) - 1;
	const fd = openSync(`/proc/${pid}/mem`, "r");
	const map = openSync(`/proc/${pid}/pagemap`, "r");
	const buffer = Buffer.alloc(chunkBytes + overlap);
	const index = indexMake(needles);
	const hits = new Set();
	let bytes = 0;

	for (const [from, to] of mappings(pid)
	    .flatMap((m) => [...touched(map, ...m)])) {
		for (let at = from; at < to; at += BigInt(chunkBytes)) {
			const want = Number(to - at < buffer.length ? to - at :
			    BigInt(buffer.length));
			const got = memoryRead(fd, buffer, want, at);

			searchBuffer(buffer.subarray(0, got), index, hits);
			bytes += Math.min(got, chunkBytes);
		}
	}
	closeSync(fd);
	closeSync(map);
	buffer.fill(0);
	return { hits: [...hits].sort(), bytes };
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

	return { token: derive("token", 32), wrap: derive("wrap", 32),
		psk: derive("psk", 32) };
}
