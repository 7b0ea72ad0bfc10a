/* sframe.test.mjs - sealed frames: RFC 9605's vectors, and what must not be. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { FakeClock } from "./clock.mjs";
import { load } from "./world.mjs";

const { FrameKey, Replay, headerRead, headerWrite, importBaseKey, kidMake,
	kidSplit, vp8ClearBytes } = await load("meeting/sframe.js");
const { Frames, Opener, Sealer, limits } = await load("meeting/frames.js");
const { KeyFrames, isVp8Key, keyFrameMs } = await load("meeting/keyframes.js");

const hex = (text) => new Uint8Array(Buffer.from(text, "hex"));
const toHex = (bytes) => Buffer.from(bytes).toString("hex");
const vectors = `${process.env.KK_VECTORS ?? "../shared/vectors"}` +
    "/sframe/test-vectors.json";
/* A few numbers exceed what JavaScript's are exact for. */
const official = existsSync(vectors) ? JSON.parse(readFileSync(vectors, "utf8")
    .replace(/("(?:kid|ctr)":\s*)(\d+)/g, '$1"$2"')) : null;
const skip = official ? false : `no ${vectors}`;

test("headers are those of RFC 9605's vectors", { skip }, () => {
	for (const { kid, ctr, encoded } of official.header) {
		assert.equal(toHex(headerWrite(BigInt(kid), BigInt(ctr))),
		    encoded);
		const read = headerRead(hex(encoded));

		assert.deepEqual([read.kid, read.ctr, read.bytes],
		    [BigInt(kid), BigInt(ctr), encoded.length / 2]);
	}
	assert.ok(official.header.length > 100);
});

test("frames of suite 5 are those of RFC 9605's vectors", { skip },
    async () => {
	const mine = official.sframe.filter((v) => v.cipher_suite === 5);

	assert.ok(mine.length > 0);
	for (const v of mine) {
		const base = await importBaseKey(hex(v.base_key));
		const kid = BigInt(v.kid), ctr = BigInt(v.ctr);
		const seal = await FrameKey.derive(base, kid, "encrypt");
		const open = await FrameKey.derive(base, kid, "decrypt");
		/* The metadata are our clear prefix. */
		const frame = hex(v.metadata + v.pt);
		const clear = v.metadata.length / 2;
		const sealed = await seal.seal(kid, ctr, frame, clear);

		assert.equal(toHex(sealed), v.metadata + v.ct);
		assert.deepEqual(await open.open(headerRead(
		    sealed.subarray(clear)), sealed, clear), frame);
	}
});

test("headers that are not minimal are none", () => {
	for (const bad of ["", "8007", "9000ff", "0807", "0900ff", "80", "f0",
		"88ff"])
		assert.equal(headerRead(hex(bad)), null, bad);
});

test("KIDs have the layout of the protocol page", () => {
	assert.equal(kidMake({ epoch: 0x1ff, leaf: 1023, layer: 7, stream: 2 }),
	    0x5fffffn);
	assert.deepEqual(kidSplit(0x5fffffn), { epoch: 0xff, leaf: 1023,
		layer: 7, stream: 2 });
	assert.equal(kidSplit(1n << 60n), null);
});

test("VP8 leaves 10 bytes of a key frame clear, and 3 of others", () => {
	assert.equal(vp8ClearBytes(Uint8Array.of(0, ...Array(9).fill(7))), 10);
	assert.equal(vp8ClearBytes(Uint8Array.of(1, 2, 3)), 3);
	assert.equal(vp8ClearBytes(Uint8Array.of(0, 1, 2)), -1);
	assert.equal(vp8ClearBytes(Uint8Array.of(1, 2)), -1);
	assert.equal(vp8ClearBytes(new Uint8Array(0)), -1);
});

test("a counter is fresh once, and late by less than the window", () => {
	const replay = new Replay();

	for (const ctr of [0, 5, 3]) {
		assert.ok(replay.isFresh(ctr));
		replay.mark(ctr);
		assert.ok(!replay.isFresh(ctr));
	}
	replay.mark(1026);
	assert.ok(!replay.isFresh(2));
	assert.ok(!replay.isFresh(3));
	assert.ok(replay.isFresh(4));
	assert.ok(!replay.isFresh(5));
	replay.mark(100_000);
	assert.ok(replay.isFresh(99_999));
	assert.ok(!replay.isFresh(100_000 - Replay.frames));
});

const base = (n) => importBaseKey(new Uint8Array(32).fill(n));

async function epochOf(epoch, ownLeaf, members = [0, 1, 2]) {
	return { epoch, ownLeaf, members, key: await base(epoch) };
}

const frame = new TextEncoder().encode("a frame of nobody's business");

test("without keys nothing is sealed, and so nothing sent", async () => {
	const sealer = new Sealer();

	assert.equal(await sealer.seal(0, frame, 0), null);
	sealer.begin(await epochOf(1, 0));
	assert.ok(await sealer.seal(0, frame, 0));
	sealer.end();
	assert.equal(await sealer.seal(0, frame, 0), null);
});

test("no counter comes twice, in whatever order things are done", async () => {
	const sealer = new Sealer();
	const seen = new Set();

	for (const n of [1, 1, 2, 1, 2, 3]) {
		sealer.begin(await epochOf(n, 0));
		const sealed = await Promise.all(Array.from({ length: 20 },
		    (_, i) => sealer.seal(i % 2, frame, 0)));

		for (const one of sealed) {
			const { kid, ctr } = headerRead(one);
			const name = `${kid} ${ctr}`;

			assert.ok(!seen.has(name), name);
			seen.add(name);
		}
	}
	assert.equal(seen.size, 120);
});

test("each encoding of a stream counts under a key of its own", async () => {
	const sealer = new Sealer();
	const opener = new Opener(new FakeClock());
	const seen = [];

	sealer.begin(await epochOf(1, 0));
	opener.add(await epochOf(1, 1));
	for (const layer of [0, 2, 0, 1, 2]) {
		const sealed = await sealer.seal(1, frame, 0, layer);
		const { kid, ctr } = headerRead(sealed);

		seen.push([kidSplit(kid).layer, Number(ctr)]);
		assert.equal(kidSplit(kid).stream, 1);
		/* Whose it is does not depend on it. */
		const opened = await opener.open(sealed, 0);

		assert.deepEqual([opened.leaf, opened.stream], [0, 1]);
	}
	assert.deepEqual(seen, [[0, 0], [2, 0], [0, 1], [1, 0], [2, 1]]);
	assert.equal(await sealer.seal(1, frame, 0, 8), null);
});

test("a frame opens once, under its sender's name", async () => {
	const opener = new Opener(new FakeClock());
	const sealer = new Sealer();

	sealer.begin(await epochOf(5, 1));
	opener.add(await epochOf(5, 0));
	const sealed = await sealer.seal(1, frame, 3);
	assert.deepEqual([...sealed.subarray(0, 3)], [...frame.subarray(0, 3)]);
	assert.deepEqual(await opener.open(sealed, 3), { frame, leaf: 1,
		stream: 1 });
	assert.deepEqual(await opener.open(sealed, 3),
	    { refusal: "replayed" });
	for (let i = 0; i < sealed.length; i++) {
		const bad = sealed.slice();

		bad[i] ^= 1;
		assert.ok("refusal" in await opener.open(bad, 3), `byte ${i}`);
	}
	assert.deepEqual(await opener.open(sealed.subarray(0, 10), 3),
	    { refusal: "malformed" });
});

test("two copies at the same time: one opens", async () => {
	const opener = new Opener(new FakeClock());
	const sealer = new Sealer();

	sealer.begin(await epochOf(5, 1));
	opener.add(await epochOf(5, 0));
	const sealed = await sealer.seal(0, frame, 0);
	const both = await Promise.all([opener.open(sealed, 0),
		opener.open(sealed, 0)]);
	assert.equal(both.filter((one) => "frame" in one).length, 1);
});

test("who is no member is not heard, nor is our own echo", async () => {
	const opener = new Opener(new FakeClock());

	opener.add(await epochOf(5, 0, [0, 1]));
	for (const leaf of [0, 2]) {
		const sealer = new Sealer();

		sealer.begin(await epochOf(5, leaf));
		assert.deepEqual(await opener.open(await sealer.seal(0, frame,
		    0), 0), { refusal: "unknown" });
	}
});

test("an early frame waits for its epoch, and not for ever", async () => {
	const clock = new FakeClock();
	const opener = new Opener(clock);
	const sealer = new Sealer();

	opener.add(await epochOf(5, 0));
	sealer.begin(await epochOf(6, 1));
	const first = opener.openOrWait(await sealer.seal(0, frame, 0), 0);
	await new Promise((done) => setTimeout(done, 20));
	opener.add(await epochOf(6, 0));
	assert.equal((await first).leaf, 1);
	sealer.begin(await epochOf(7, 1));
	const never = opener.openOrWait(await sealer.seal(0, frame, 0), 0);
	await new Promise((done) => setTimeout(done, 20));
	await clock.pass(limits.waitMs);
	assert.deepEqual(await never, { refusal: "unknown" });
	/* One of an epoch that has gone does not hold up the others. */
	const old = new Sealer();
	old.begin(await epochOf(4, 1));
	assert.deepEqual(await opener.openOrWait(await old.seal(0, frame, 0),
	    0), { refusal: "unknown" });
});

test("old keys are gone 10 s after a new epoch", async () => {
	const clock = new FakeClock();
	const opener = new Opener(clock);
	const sealer = new Sealer();

	sealer.begin(await epochOf(1, 1));
	const late = [await sealer.seal(0, frame, 0),
		await sealer.seal(0, frame, 0)];
	opener.add(await epochOf(1, 0));
	opener.add(await epochOf(2, 0));
	await clock.pass(9_999);
	assert.ok("frame" in await opener.open(late[0], 0));
	await clock.pass(1);
	assert.deepEqual(opener.epochs, [2]);
	assert.deepEqual(await opener.open(late[1], 0),
	    { refusal: "unknown" });
	opener.add(await epochOf(1, 0)); /* never again */
	assert.deepEqual(opener.epochs, [2]);
});

test("a slot shows whom it was told, and nobody else", async () => {
	const shown = [];
	const frames = new Frames(new FakeClock(), (s) => shown.push(s));
	const sealers = new Map();

	frames.begin(await epochOf(9, 0));
	for (const leaf of [1, 2]) {
		const sealer = new Sealer();

		sealer.begin(await epochOf(9, leaf));
		sealers.set(leaf, sealer);
	}
	const from = async (leaf, stream = 0) =>
	    sealers.get(leaf).seal(stream, frame, 0);
	const take = async (sealed, at = 1) =>
	    frames.receive("audio", 4, sealed, at);

	assert.equal(await take(await from(1)), null);
	frames.expect(4, 1, 0);
	assert.deepEqual(await take(await from(1), 77), frame);
	assert.equal(await take(await from(2)), null);
	assert.equal(await take(await from(1, 1)), null);
	frames.expect(4, 2, 0);
	assert.equal(await take(await from(1)), null);
	assert.deepEqual(await take(await from(2), 99), frame);
	frames.expect(4, null, 0);
	assert.equal(await take(await from(2)), null);
	assert.equal(await take(new Uint8Array(0)), null);
	assert.deepEqual(shown, [{ slot: 4, leaf: 1, timestamp: 77 },
		{ slot: 4, leaf: 2, timestamp: 99 }]);
	assert.deepEqual(frames.stats.opened, { "1/0": 1, "2/0": 1 });
	assert.equal(frames.stats.dropped.misplaced, 5);
	assert.equal(frames.stats.dropped.malformed, 0);
});

/* --- the C library at the other end --- */

class Peer {
	#process = spawn(process.env.KK_SFRAME_PEER ??
	    "build/gcc/sframe-peer", { stdio: ["pipe", "pipe", "inherit"] });
	#lines = createInterface({ input: this.#process.stdout })
	    [Symbol.asyncIterator]();

	async ask(...words) {
		this.#process.stdin.write(`${words.join(" ")}\n`);
		return (await this.#lines.next()).value;
	}

	async close() {
		this.#process.stdin.end();
		const [status] = await once(this.#process, "close");

		assert.equal(status, 0);
	}
}

const vp8 = (isKey, bytes) => Uint8Array.from({ length: bytes },
    (_, i) => i === 0 ? (isKey ? 0x10 : 0x11) : i * 7 & 0xff);

test("firmware/sframe opens what is sealed here, and the other way round",
    async () => {
	const peer = new Peer();
	const sealer = new Sealer();
	const opener = new Opener(new FakeClock());
	const members = "07"; /* leaves 0 to 2 */

	for (const n of [3, 4, 260]) {
		const key = toHex(new Uint8Array(32).fill(n));
		const base = await importBaseKey(hex(key));
		const cases = [[0, 0, Uint8Array.of(1)],
			[0, 0, vp8(false, 200)], [1, 10, vp8(true, 10)],
			[1, 10, vp8(true, 5000)], [1, 3, vp8(false, 3)],
			[1, 3, vp8(false, 900)]];

		sealer.begin({ epoch: n, ownLeaf: 2, members: [0, 1, 2],
			key: base });
		opener.add({ epoch: n, ownLeaf: 0, members: [0, 1, 2],
			key: base });
		for (const [stream, clear, plain] of cases) {
			const ours = await sealer.seal(stream, plain, clear);
			const seen = await peer.ask("open", n, members, clear,
			    key, toHex(ours));

			assert.equal(seen, `2 ${stream} ${toHex(plain)}`);
			assert.equal(await peer.ask("open", n, members, clear,
			    key, toHex(ours)), "-");
			const theirs = hex(await peer.ask("seal", n, 1, stream,
			    clear, key, toHex(plain)));

			assert.deepEqual([...theirs.subarray(0, clear)],
			    [...plain.subarray(0, clear)]);
			assert.deepEqual(await opener.open(theirs, clear),
			    { frame: plain, leaf: 1, stream });
		}
	}
	await peer.close();
});

test("layers of VP9 are sealed whole, each under a key of its own", async () => {
	const camera = 1;
	const frames = new Frames(new FakeClock(), () => {});
	const other = new Frames(new FakeClock(), () => {});
	const layers = [0, 1, 2], count = 3, sealed = [];
	const plain = (layer, i) => Uint8Array.of(0x82, layer, i);

	frames.begin(await epochOf(9, 0));
	other.begin(await epochOf(9, 1));
	other.expect(0, 0, camera);
	for (let i = 0; i < count; i++)
		for (const layer of layers)
			sealed.push(await frames.send("vp9", camera,
			    plain(layer, i), layer));
	const headers = sealed.map((frame) => headerRead(frame));

	assert.ok(sealed.every((frame) => frame.length > 3 + 16));
	assert.equal(new Set(headers.map((h) => `${h.kid} ${h.ctr}`)).size,
	    layers.length * count, "no key has a counter twice");
	assert.deepEqual(headers.slice(0, 3).map((h) => kidSplit(h.kid).layer),
	    layers);
	/* Who is sent the two lower ones opens them, and misses nothing. */
	for (const [i, frame] of sealed.entries()) {
		const layer = i % 3;

		if (layer < 2)
			assert.deepEqual(await other.receive("vp9", 0, frame, 0),
			    plain(layer, Math.floor(i / 3)));
	}
	assert.equal(other.stats.opened["0/1"], 2 * count);
	assert.ok(Object.values(other.stats.dropped).every((n) => n === 0));
	/* As VP8 the prefix would be clear, and is bound: it does not open. */
	assert.equal(await other.receive("video", 0, sealed[2], 0), null);
});

test("a key frame is asked for as soon as frames open again, and until it is there",
    async () => {
	const clock = new FakeClock();
	const key = isVp8Key(Uint8Array.of(0x10, 1));
	const delta = isVp8Key(Uint8Array.of(0x11, 1));
	let asks = 0;
	const keyFrames = new KeyFrames(clock, () => { asks++; });

	keyFrames.opened(key);
	keyFrames.opened(delta);
	assert.equal(asks, 0, "nothing was missing");
	keyFrames.refused(); /* the key frame, before its key */
	await clock.pass(40);
	keyFrames.refused();
	assert.equal(asks, 0, "it could not be opened either");
	keyFrames.opened(delta);
	assert.equal(asks, 1, "at once");
	await clock.pass(keyFrameMs - 1);
	keyFrames.opened(delta);
	assert.equal(asks, 1, "not too often");
	await clock.pass(1);
	keyFrames.opened(delta);
	assert.equal(asks, 2, "the request may have been lost");
	keyFrames.opened(key);
	await clock.pass(keyFrameMs);
	keyFrames.opened(delta);
	assert.equal(asks, 2, "it is there");
	keyFrames.refused();
	keyFrames.opened(key);
	keyFrames.opened(delta);
	assert.equal(asks, 2, "it came by itself");
});
