/* parts.test.mjs - small parts: links, base64, slots, words, settings. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeClock } from "./clock.mjs";
import { load, web } from "./world.mjs";

const { parseLink } = await load("meeting/link.js");
const { fromBase64, fromBase64Url, toBase64, bytesInclude } =
    await load("meeting/base64.js");
const { Restart, restartTimes } = await load("meeting/restart.js");
const { isName } = await load("meeting/members.js");
const { pemBlocks } = await load("meeting/identity.js");
const { configRead } = await load("page/config.js");
const { texts, languageGuess, sayIn } = await load("page/texts.js");
const { columnsFor } = await load("page/hooks.js").catch(() => ({}));
const { SpeechGate, decibels } = await load("page/level.js");

test("a link is read as docs/protocol.md writes it", () => {
	const id = "AAECAwQFBgcICQoLDA0ODw", secret = "_-7dzLuqmYh3ZlVEMyIRAA";
	const link = parseLink(`#1.${id}.${secret}`);

	assert.deepEqual([...link.id], [...Array(16).keys()]);
	assert.equal(link.secret[0], 0xff);
	assert.equal(parseLink(""), "none");
	assert.equal(parseLink("#"), "none");
	assert.equal(parseLink(`#2.${id}.${secret}`), "version");
	for (const bad of [`#1.${id}`, `#1.${id}.`, `#1.${id}.${secret}.x`,
		`#1.${id}.${secret}A`, `#1.${id}=.${secret}`, "#x", "#1",
		`#1.${id.slice(1)}.${secret}`, `#1.${id.slice(0, -1)}x.${secret}`,
		`#1.${id}.${secret.slice(0, -1)}/`])
		assert.equal(parseLink(bad), "malformed", bad);
});

test("base64 is strict", () => {
	const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i % 256);

	assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
	for (const bad of ["A", "AA", "AA=", "AAA", "A A=", "AA==A", "-_==", 5,
		null, undefined])
		assert.equal(fromBase64(bad), null, String(bad));
	assert.equal(fromBase64Url("AB"), null); /* bits that say nothing */
	assert.deepEqual([...fromBase64Url("AA")], [0]);
	assert.ok(bytesInclude(bytes, Uint8Array.of(7, 8, 9)));
	assert.ok(!bytesInclude(bytes, Uint8Array.of(7, 9)));
});

function restartMake(begin = async () => {}) {
	const clock = new FakeClock();
	const made = { clock, begun: 0, failed: 0 };

	made.restart = new Restart(clock, async () => {
		made.begun++;
		await begin();
	}, () => made.failed++);
	return made;
}

test("a way that comes back by itself is not replaced", async () => {
	const made = restartMake();

	made.restart.state("connecting");
	made.restart.state("connected");
	made.restart.state("disconnected");
	await made.clock.pass(restartTimes.afterMs - 1);
	made.restart.state("connected");
	await made.clock.pass(60_000);
	assert.deepEqual([made.begun, made.failed], [0, 0]);
});

test("a way that is gone is replaced, as often as need be", async () => {
	const made = restartMake();

	made.restart.state("connected");
	for (let i = 1; i <= 3; i++) {
		made.restart.state("disconnected");
		await made.clock.pass(restartTimes.afterMs);
		assert.equal(made.begun, i);
		made.restart.state("failed"); /* of the old way */
		made.restart.state("connecting");
		await made.clock.pass(restartTimes.forMs - 1);
		made.restart.state("connected");
		await made.clock.pass(restartTimes.forMs);
	}
	made.restart.state("failed"); /* at once */
	assert.equal(made.begun, 4);
	assert.equal(made.failed, 0);
});

test("where no other way is found it is over, once", async () => {
	const made = restartMake();

	made.restart.state("connected");
	made.restart.state("disconnected");
	await made.clock.pass(restartTimes.afterMs + restartTimes.forMs - 1);
	assert.equal(made.failed, 0);
	await made.clock.pass(1);
	made.restart.state("failed");
	made.restart.state("connected");
	await made.clock.pass(60_000);
	assert.deepEqual([made.begun, made.failed], [1, 1]);
});

test("where there never was a way, or no restart is to be had, it is over",
    async () => {
	const never = restartMake();
	const refused = restartMake(() => Promise.reject(new Error("unknown")));
	const closed = restartMake();

	never.restart.state("connecting");
	never.restart.state("failed");
	assert.deepEqual([never.begun, never.failed], [0, 1]);
	refused.restart.state("connected");
	refused.restart.state("failed");
	await refused.clock.pass(0);
	await Promise.resolve();
	assert.deepEqual([refused.begun, refused.failed], [1, 1]);
	closed.restart.state("connected");
	closed.restart.state("disconnected");
	closed.restart.close();
	await closed.clock.pass(60_000);
	assert.deepEqual([closed.begun, closed.failed], [0, 0]);
});

test("names are what the protocol page allows", () => {
	for (const good of ["Ada", "Zoë Müller", "李雷", "👩‍💻", "a".repeat(255)])
		assert.ok(isName(good), good);
	for (const bad of ["", "a\n", "\u0007", "a\u202eb", "\u2066x",
		"x\u0085", "a".repeat(256), "ü".repeat(128), "\ud800"])
		assert.ok(!isName(bad), JSON.stringify(bad));
});

test("the host's settings are read, and nothing is guessed", () => {
	const config = { site: "Haus", signal: { port: 1234,
		loopbackPort: 5678 } };
	const safe = { protocol: "https:", hostname: "room.example" };

	assert.equal(configRead(config, safe).signalUrl,
	    "wss://room.example:1234");
	assert.equal(configRead(config, { protocol: "http:", hostname:
	    "localhost" }).signalUrl, "ws://localhost:5678");
	assert.deepEqual(configRead(config, safe).trust, []);
	for (const bad of [null, {}, { signal: {} }, { signal: { port: "1" } },
		{ signal: { port: 0 } }, { signal: { port: 65536 } }, 7])
		assert.equal(configRead(bad, safe), null);
	const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n" +
	    "-----END CERTIFICATE-----\n";
	assert.equal(pemBlocks(`words\n${pem}more${pem}`).length, 2);
	assert.equal(configRead({ ...config, trust: pem + pem }, safe)
	    .trust.length, 2);
});

test("VP9 is sent where the site says so, else VP8", () => {
	const safe = { protocol: "https:", hostname: "room.example" };
	const read = (video) => configRead({ signal: { port: 1 }, video }, safe)
	    .video;

	for (const form of ["vp8", "vp9", "vp9-l3t3"])
		assert.equal(read(form), form);
	for (const none of [undefined, null, 9, "VP9", "av1", ["vp9"]])
		assert.equal(read(none), "vp8");
});

test("servers for media are read, and what is none is left out", () => {
	const safe = { protocol: "https:", hostname: "room.example" };
	const read = (ice) => configRead({ signal: { port: 1 }, ice }, safe).ice;
	const turn = { urls: "turns:t:443?transport=tcp", username: "1:guest",
		credential: "x" };

	for (const none of [undefined, null, 7, {}, { servers: 7 },
		{ servers: [null, 7, {}, { urls: 7 }, { urls: "http://x" },
			{ urls: "turn:t" }, { urls: "turn:t", username: "u" },
			{ urls: ["stun:s"] }], relayOnly: "yes" }])
		assert.deepEqual(read(none), { servers: [], relayOnly: false });
	assert.deepEqual(read({ servers: [{ urls: "stun:s", username: "u" },
		{ ...turn, more: 1 }], relayOnly: true }),
	{ servers: [{ urls: "stun:s" }, turn], relayOnly: true });
	assert.equal(read({ servers: Array(20).fill(turn) }).servers.length, 8);
});

test("both languages have every word, with the same places in it", () => {
	const places = (s) => (s.match(/\{\w+\}/g) ?? []).sort();

	assert.deepEqual(Object.keys(texts.de), Object.keys(texts.en));
	for (const [name, words] of Object.entries(texts.en)) {
		assert.ok(texts.de[name].length > 0, name);
		assert.deepEqual(places(texts.de[name]), places(words), name);
	}
	assert.equal(sayIn("de")("joinAt", { site: "X{name}" }), "bei X{name}");
	assert.equal(languageGuess(["fr", "de-AT", "en"]), "de");
	assert.equal(languageGuess(["fr"]), "en");
});

test("every trouble of a visit has a title and words", () => {
	for (const name of ["noLink", "link-malformed", "link-version",
		"unsupported", "insecure", "config", "version", "denied",
		"unknown-meeting", "full", "refused", "unreachable",
		"no-answer", "unverified", "foreign", "expired", "revoked",
		"removed", "closed", "media", "blocked", "relay", "internal"])
		for (const language of ["de", "en"]) {
			assert.ok(texts[language][`${name}Title`], name);
			assert.ok(texts[language][name], name);
		}
});

test("tiles are as large as the room allows", () => {
	assert.equal(columnsFor(1, 1280, 600, 12), 1);
	assert.equal(columnsFor(2, 1280, 600, 12), 2);
	assert.equal(columnsFor(2, 400, 900, 12), 1);
	assert.equal(columnsFor(4, 1280, 720, 12), 2);
	assert.equal(columnsFor(9, 1280, 720, 12), 3);
});

test("speech begins with some words and ends with silence", () => {
	const gate = new SpeechGate();

	assert.ok(!gate.take(-20)); /* a knock */
	assert.ok(!gate.take(-90));
	gate.take(-20);
	assert.ok(gate.take(-20));
	for (let i = 0; i < 14; i++)
		assert.ok(gate.take(-90));
	assert.ok(!gate.take(-90));
	assert.ok(Math.abs(decibels(new Float32Array(512).fill(1))) < 1e-6);
	assert.equal(decibels(new Float32Array(512)), -100);
});

test("the meeting's keys, wrapping and code are the C library's", async () => {
	const core = await web.Core.load();
	const id = new TextEncoder().encode("meeting id");
	const secret = new TextEncoder().encode("0123456789abcde\0");
	const meeting = web.Meeting.open(core, id, secret);
	const subtle = globalThis.crypto.subtle;
	const text = (s) => new TextEncoder().encode(s);
	const prk = await subtle.importKey("raw", secret, "HKDF", false,
	    ["deriveBits"]);
	/* docs/protocol.md again, by WebCrypto, as tests/meeting by OpenSSL. */
	const derive = async (label, bytes) => new Uint8Array(
	    await subtle.deriveBits({ name: "HKDF", hash: "SHA-256",
		salt: text("Konklave 1 meeting"),
		info: Uint8Array.of(...text(label), 0, ...id) }, prk, 8 * bytes));

	assert.deepEqual(meeting.token, await derive("token", 32));
	assert.deepEqual(meeting.pskId, await derive("psk id", 16));
	const wrapped = meeting.wrap(web.Kind.Handshake, text("a commit"));
	assert.deepEqual([...wrapped.subarray(0, 2)], [1, 4]);
	const key = await subtle.importKey("raw", await derive("wrap", 32),
	    "AES-GCM", false, ["decrypt"]);
	assert.deepEqual(new Uint8Array(await subtle.decrypt({ name: "AES-GCM",
		iv: wrapped.subarray(2, 14), additionalData:
		    Uint8Array.of(1, 4, id.length, ...id) }, key,
		wrapped.subarray(14))), text("a commit"));
	assert.deepEqual(meeting.unwrap(wrapped), { kind: web.Kind.Handshake,
		message: text("a commit") });
	for (let i = 0; i < wrapped.length; i++) {
		const bad = wrapped.slice();

		bad[i] ^= 1;
		assert.throws(() => meeting.unwrap(bad), web.CoreError);
	}
	const other = web.Meeting.open(core, text("another"), secret);
	assert.throws(() => other.unwrap(wrapped), { name: "KK_EAUTH" });
	assert.throws(() => web.Meeting.open(core, id, secret.slice(1)),
	    { name: "KK_EINVAL" });
	assert.throws(() => meeting.wrap(9, text("x")), { name: "KK_EINVAL" });
	/* The code of a group, from its authenticator. */
	const signer = web.Signer.generate(core, web.Scheme.EcdsaP384);
	const client = new web.Client({ suite: 7, signer, acceptsBasic: true,
		credential: { type: "basic", identity: text("a") } });
	const group = client.newGroup(id);
	const auth = await subtle.importKey("raw", group.authenticator(),
	    "HKDF", false, ["deriveBits"]);
	const stream = new Uint8Array(await subtle.deriveBits({ name: "HKDF",
		hash: "SHA-256", salt: text("Konklave 1 security code"),
		info: text("digits") }, auth, 240));
	const code = [0, 1, 2, 3, 4, 5].map((g) => String(
	    stream.subarray(5 * g, 5 * g + 5).reduce((n, b) =>
	    n * 256n + BigInt(b), 0n) % 100000n).padStart(5, "0")).join(" ");
	assert.equal(web.securityCode(group), code);
	/* The PSK: counted when it is used, and not to be had twice. */
	assert.equal(client.pskUses(), 0);
	meeting.admit(client);
	assert.throws(() => meeting.admit(client), { name: "KK_EEXIST" });
	const made = group.commit({ psks: [{ type: "external",
		id: meeting.pskId }] });
	assert.equal(client.pskUses(), 1);
	made.staged.free();
	core.close();
});
