/*
 * secrecy.test.mjs - what the forwarder never has, looked for in mid-call: in
 * its memory, its files, its log, and on the wire.
 *
 * The same search has to find the same things where they belong.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState, pageStrips }
	from "./browser.mjs";
import { guestNumber, roomsStart, roomStatus, roomStrips, until }
	from "./rooms.mjs";
import { forms, frameKeys, meetingKeys, searchFile, searchProcess }
	from "./search.mjs";
import { rate, wavRead } from "./sounds.mjs";
import { stripAdvance } from "./strip.mjs";
import { varlinkCall, varlinkWatch } from "./varlink.mjs";

const names = { room: "Sitzungssaal Ostflügel", guest: "Greta Geheimniskrämer" };
const chat = "Der Schlüssel zum Tresor liegt unter der dritten Fliese.";
const streams = { microphone: 0, camera: 1 };

let rooms, browser, page, id, secret, wire, said = "", watchTrouble;
const epochs = [new Map(), new Map()]; /* of each box: epoch -> base key */
const commits = []; /* as everybody gets them */
const frames = []; /* what the guest encoded, before it was sealed */

const alive = () => !rooms.run.hasEnded && !watchTrouble;
const state = () => rooms.run.state;
const boxOf = (number) => rooms.boxes()[number - 1];
const bytesOf = (text) => Buffer.from(text, "base64url");

/* Of a role that seals nothing, so that mediad goes on as it does. */
function keysWatch(number) {
	varlinkWatch(join(boxOf(number).folder, "mix"),
	    "io.konklave.Keys.EpochKeys", ({ epoch, baseKey }) => {
		if (baseKey)
			epochs[number - 1].set(epoch, Buffer.from(baseKey, "base64"));
	}, (error) => { watchTrouble = error; });
}

/* Everything on the forwarder's ports, into a file. */
async function wireWatch() {
	const { port } = rooms.run.status();
	const path = join(rooms.folder, "wire.pcap");
	const child = spawn("tcpdump", ["-i", "any", "-Z", "root", "-U", "-s", "0",
		"-B", "65536", "-w", path, `portrange ${port + 2}-${port + 4}`],
	{ stdio: ["ignore", "ignore", "pipe"] });
	let words = "", hasEnded = false;
	const ended = new Promise((done) => child.on("close", () => {
		hasEnded = true;
		done();
	}));

	child.stderr.on("data", (piece) => { words += piece; });
	await until("tcpdump listens or may not", () => hasEnded ||
	    words.includes("listening on"), alive);
	return { path, trouble: hasEnded ? words.trim() : null, async stop() {
		child.kill("SIGINT");
		await ended;
		return words;
	} };
}

/* Somebody who has the link, hears all there is to hear, and takes no part. */
async function listen() {
	const page = await pageOpen(browser, rooms.run.status().link
	    .replace(/#.*/, "missing"));
	const { port } = rooms.run.status();
	const { token } = meetingKeys(id, secret);

	await page.exposeFunction("heard", (commit) => commits.push(commit));
	await page.evaluate(`new Promise((done, failed) => {
		const socket = new WebSocket("ws://localhost:${port + 2}",
		    "konklave.1");
		const say = (words) => socket.send(JSON.stringify(words));

		socket.onopen = () => {
			say({ type: "hello", id: 1, version: 1, client: "ear" });
			say({ type: "enter", id: 2,
				meeting: "${id.toString("base64")}",
				token: "${token.toString("base64")}" });
		};
		socket.onmessage = ({ data }) => {
			const words = JSON.parse(data);

			if (words.type === "commit")
				heard(words);
			else if (words.type === "error")
				failed(new Error(data));
			else if (words.id === 2)
				done();
		};
	})`);
}

/* A few pieces of what a microphone gives, as the samples stand in its file. */
function soundForms(name, path) {
	const data = readFileSync(path);
	const loud = wavRead(path);
	const found = [];

	for (let i = 0; i < loud.length && found.length < 12; i += rate / 4) {
		const at = 44 + Math.floor(i * 48000 / rate) * 2;
		const piece = data.subarray(at, at + 24);

		if (new Set(piece).size > 16)
			found.push(...forms(`${name} at ${i}`, piece));
	}
	assert.ok(found.length > 0, `${path} is silent`);
	return found;
}

/* What the page's worker seals next: pieces of its encoded frames. */
async function framesTake(count) {
	const pieces = await page.workers()[0].evaluate(`new Promise((done) => {
		const own = SubtleCrypto.prototype.encrypt;
		const kept = [];

		SubtleCrypto.prototype.encrypt = function (how, key, data) {
			const bytes = ArrayBuffer.isView(data) ? new Uint8Array(
			    data.buffer, data.byteOffset, data.byteLength) :
			    new Uint8Array(data);

			/* Past what frames have in common. */
			kept.push([...bytes.subarray(24, 48)]);
			if (kept.length === ${count}) {
				SubtleCrypto.prototype.encrypt = own;
				done(kept);
			}
			return own.call(this, how, key, data);
		};
	})`);

	frames.push(...pieces.filter((piece) => new Set(piece).size > 16)
	    .map((piece) => Buffer.from(piece)));
	assert.ok(frames.length > count / 2, `${frames.length} frames`);
}

const encodedForms = () => frames.flatMap((bytes, i) =>
    forms(`encoded frame ${i}`, bytes));

/* The meeting's, and nobody else's. */
function meetingForms() {
	const { wrap, psk } = meetingKeys(id, secret);

	return [...forms("secret", secret), ...forms("wrap key", wrap),
		...forms("PSK", psk)];
}

function nameForms() {
	return Object.entries(names).flatMap(([who, name]) =>
	    forms(`name of the ${who}`, name));
}

function baseKeyForms() {
	return [...epochs[0]].flatMap(([epoch, key]) =>
	    forms(`base key ${epoch}`, key));
}

function frameKeyForms() {
	return [...epochs[0]].flatMap(([epoch, base]) => [0, 1, 2]
	    .flatMap((leaf) => Object.entries(streams)
		.flatMap(([name, stream]) => {
			const { key, salt } = frameKeys(base, epoch, leaf, stream);
			const of = `${epoch}/${leaf}/${name}`;

			return [...forms(`frame key ${of}`, key),
				...forms(`salt ${of}`, salt)];
		})));
}

const secretForms = () => [...meetingForms(), ...nameForms(),
	...baseKeyForms(), ...frameKeyForms(), ...forms("chat", chat),
	...encodedForms(),
	...soundForms("guest's sound", rooms.speeches[0]),
	...soundForms("room's sound", rooms.speeches[1])];

const inProcess = (label, needles) =>
    searchProcess(rooms.run.of(label).pid, needles);

function filesOf(folder) {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
	    .filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name));
}

/* Nothing of it is there, and the search sees what the forwarder may know. */
function forwarderIsBlind(t) {
	const known = forms("meeting's id", id);
	const { hits, bytes } = inProcess("sfud", [...known, ...secretForms()]);
	const files = [...filesOf(join(state(), "sfud")),
		join(state(), "log", "sfud.log")];

	t.diagnostic(`${bytes} bytes of memory, ${files.length} files, ` +
	    `${epochs[0].size} epochs, ${frames.length} frames`);
	assert.ok(hits.includes("meeting's id (raw)"));
	assert.deepEqual(hits.filter((hit) => !hit.startsWith("meeting's id")), []);
	assert.ok(files.length > 1);
	for (const file of files)
		assert.deepEqual(searchFile(file, secretForms()), [], file);
}

before(async () => {
	rooms = await roomsStart({ args: [`--name=${names.room}`,
		"--give=keyd:--socket=mix:{state}/mix"] });
	await rooms.run.running();
	[, id, secret] = rooms.run.status().link.match(/#1\.(.*)\.(.*)$/)
	    .map(bytesOf);
	wire = await wireWatch();
	keysWatch(1);
	keysWatch(2);
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	await listen();
	browser.context.on("page", (opened) => {
		opened.on("websocket", (socket) => {
			const keep = ({ payload }) => { said += `${payload}\n`; };

			socket.on("framesent", keep);
			socket.on("framereceived", keep);
		});
	});
	page = await pageOpen(browser, rooms.run.status().link);
	await pageJoin(page, names.guest);
	await until("everybody sees everybody", async () => {
		const seen = [await pageStrips(page), roomStrips(boxOf(1)),
			roomStrips(boxOf(2))];

		return seen.every((s) => s && Object.keys(s).length === 2);
	}, alive);
	await page.keyboard.press("c");
	await page.fill("#message", chat);
	await page.keyboard.press("Enter");
	await page.waitForSelector(".messages .text");
	await until("both keyds told their keys", () =>
	    epochs.every((known) => known.size > 0), alive);
});

after(async () => {
	await browser?.stop();
	await wire?.stop();
	await rooms?.stop();
});

test("keyd has the meeting's keys and names, mediad frames and their keys",
    async (t) => {
	const inKeyd = inProcess("keyd1", [...meetingForms(), ...nameForms()]).hits;
	const inMediad = inProcess("mediad1", [...frameKeyForms(),
		...soundForms("sound", rooms.speeches[1])]).hits;

	t.diagnostic(`keyd: ${inKeyd.join(", ")}`);
	t.diagnostic(`mediad: ${inMediad.length} keys, salts and sounds`);
	for (const what of ["name of the room", "name of the guest", "wrap key"])
		assert.ok(inKeyd.includes(`${what} (raw)`), what);
	for (const leaf of [0, 1, 2]) {
		for (const stream of Object.keys(streams)) {
			assert.ok(inMediad.some((hit) => hit.startsWith("frame key ") &&
			    hit.endsWith(`/${leaf}/${stream} (raw)`)),
			`${leaf} ${stream}`);
		}
	}
	assert.ok(inMediad.some((hit) => hit.startsWith("sound at")));
	/* It keeps none of them for long. */
	await until("mediad has frames of the guest", async () => {
		await framesTake(50);
		return inProcess("mediad1", encodedForms()).hits.length > 0;
	}, alive);
});

test("the forwarder has none of it in memory, files and log", async (t) => {
	await framesTake(100);
	forwarderIsBlind(t);
});

test("what a page says to the forwarder has none of it", () => {
	const path = join(rooms.folder, "said");

	writeFileSync(path, said);
	assert.ok(said.includes('"type":"message"') &&
	    said.includes('"type":"commit"'));
	assert.deepEqual(searchFile(path, secretForms()), []);
});

test("who was removed has all messages, and neither keys nor pictures",
    async (t) => {
	const { pid } = rooms.run.of("roomd2");
	const keyd = boxOf(2).keyd;
	const meeting = id.toString("base64");
	const numberOf = () => JSON.parse(readFileSync(boxOf(2).picture
	    .replace(/png$/, "json"), "utf8")).number;
	const seenIn = (strips, number) => Object.values(strips ?? {})
	    .find((s) => s.number === number)?.time;

	/* It does not go by itself: it is deaf, and is removed for that. */
	process.kill(pid, "SIGSTOP");
	await until("it is removed", async () =>
	    (await roomStatus(boxOf(1))).people.length === 2, alive);
	const last = Math.max(...epochs[0].keys());
	const shown = numberOf();

	await until("its picture is of after that", () => numberOf() > shown + 1,
	    alive);
	const frozen = roomStrips(boxOf(2));
	const from = seenIn(await pageStrips(page), 1);
	const had = seenIn(roomStrips(boxOf(1)), guestNumber);
	await until("the others go on for 3 s", async () => {
		const now = seenIn(await pageStrips(page), 1);
		const guest = seenIn(roomStrips(boxOf(1)), guestNumber);

		return now !== undefined && stripAdvance(from, now) > 3000 &&
		    guest !== undefined && guest !== had;
	}, alive);
	for (const [leaf, strip] of Object.entries(roomStrips(boxOf(2)) ?? {}))
		assert.equal(strip.time, frozen?.[leaf]?.time, `leaf ${leaf}`);

	/* One more epoch, then everything that went over the wire. */
	await page.click(".control.leave");
	await until("an epoch without it", () =>
	    Math.max(...epochs[0].keys()) > last &&
	    commits.some(({ epoch }) => epoch >= last), alive);
	const outcomes = [];
	for (const { message } of commits) {
		try {
			const { kind, handle, removesUs } = await varlinkCall(keyd,
			    "io.konklave.Keys.Process", { meeting, message });

			outcomes.push(removesUs ? "removed" : kind);
			const { ended } = await varlinkCall(keyd,
			    "io.konklave.Keys.Apply", { meeting, handle });
			assert.equal(ended, removesUs === true);
		} catch (error) {
			outcomes.push(error.message);
		}
	}
	t.diagnostic(`the commits at its keyd: ${outcomes.join(", ")}`);
	assert.equal(outcomes.filter((o) => o === "removed").length, 1);
	assert.match(outcomes.at(-1), /^io\.konklave\.Call\./);
	for (const [epoch, key] of epochs[0]) {
		if (epoch >= last)
			assert.ok(![...epochs[1].values()].some((k) => k.equals(key)),
			    `epoch ${epoch}`);
		else if (epochs[1].has(epoch))
			assert.deepEqual(epochs[1].get(epoch), key);
	}
	assert.ok(epochs[1].size > 0);
	process.kill(pid, "SIGCONT");
});

test("after all that the forwarder still has none of it", (t) => {
	forwarderIsBlind(t);
});

test("nothing of it was on the wire", async (t) => {
	const words = await wire.stop();

	if (/permission|not permitted/i.test(wire.trouble ?? ""))
		return t.skip(wire.trouble); /* not root: all the rest is tested */
	assert.equal(wire.trouble, null);
	const hits = searchFile(wire.path, [...forms("protocol", "konklave.1"),
		...secretForms()]);

	t.diagnostic(words.trim().split("\n").slice(-3).join("; "));
	t.diagnostic(`${statSync(wire.path).size} bytes`);
	assert.ok(statSync(wire.path).size > 1 << 20);
	assert.deepEqual(hits, ["protocol (raw)"]);
});
