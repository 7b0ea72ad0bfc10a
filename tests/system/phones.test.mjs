/*
 * phones.test.mjs - the telephones of these tests call each other, with nothing
 * of ours between them: what they can do, and that a recording tells who was
 * heard.
 */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { remove, until } from "../sandbox/support.mjs";
import { exchangeStart } from "./exchange.mjs";
import { phoneStart } from "./phones.mjs";
import { rate, secondsHeard, speechMake, wavRead } from "./sounds.mjs";

const folder = mkdtempSync(join(tmpdir(), "kk-phones-"));
const phones = new Set();
const voices = {};
const firstSeconds = 1; /* the call begins in them */
const turnSeconds = 10, turnsMax = 6;
/* G.711 has half the band that is compared. */
const kinds = [
	{ codec: "opus", least: 0.9 },
	{ codec: "g722", least: 0.9, secure: "required", transport: "tcp" },
	{ codec: "pcma", least: 0.8, secure: "required" },
	{ codec: "pcmu", least: 0.8 },
];

async function phoneOf(name, how) {
	const phone = await phoneStart({ name, folder, speech: voices[name[0]],
		...how });

	phones.add(phone);
	return phone;
}

before(() => {
	for (const [key, text, how] of [
		["a", "The quick brown fox jumps over the lazy dog, and nobody minds.",
			{ pitch: 30 }],
		["b", "Eleven benevolent elephants walk along the river every morning.",
			{ pitch: 70, voice: "en+f3" }],
	]) {
		voices[key] = join(folder, `${key}.wav`);
		speechMake(voices[key], text, { ...how, pause: 0.3 });
	}
});

after(async () => {
	for (const phone of phones)
		await phone.stop();
	remove(folder);
});

/* What both have heard in the turn that begins at so many seconds. */
function turnOf(anna, bob, from) {
	const [inAnna, inBob] = [anna, bob].map((phone) =>
	    wavRead(phone.heard, { fromSeconds: from })
		.subarray(0, turnSeconds * rate));
	const [a, b] = ["a", "b"].map((key) => wavRead(voices[key]));

	return { "anna: bob": secondsHeard(inAnna, b),
		"bob: anna": secondsHeard(inBob, a),
		"anna: anna": secondsHeard(inAnna, a),
		"bob: bob": secondsHeard(inBob, b) };
}

const isSelf = (key) => /^(\w+): \1$/.test(key);

/* A busy machine disturbs some turns: of so many, one has to be as it was said
 * but for a fifth.  Nobody hears itself in any of them. */
async function talk({ codec, least, ...how }, t) {
	const anna = await phoneOf(`a-${codec}`, { codec, ...how });
	const bob = await phoneOf(`b-${codec}`, { codec, ...how });
	let isGood = false;

	await anna.dial(bob.uri);
	await bob.until("it rings", () => bob.has("CALL_INCOMING"));
	await bob.accept();
	for (const phone of [anna, bob])
		await phone.until("they talk", () => phone.has("CALL_ESTABLISHED"));
	for (let turn = 0; turn < turnsMax && !isGood; turn++) {
		const from = firstSeconds + turn * turnSeconds;

		await until("they have heard a turn", () => [anna, bob].every(
		    (phone) => phone.heardSeconds() > from + turnSeconds));
		isGood = true;
		for (const [key, found] of Object.entries(turnOf(anna, bob, from))) {
			t.diagnostic(`${codec}: ${key}: ${found.map(({ at, match }) =>
			    `${at}:${match.toFixed(2)}`)}`);
			assert.ok(found.length >= 5, `${key}: silence`);
			if (isSelf(key))
				assert.ok(found.every(({ match }) => match < 0.5), key);
			else
				isGood &&= found.filter(({ match }) => match >= least)
				    .length >= 0.8 * turnSeconds;
		}
	}
	assert.ok(isGood, `${codec}: none of ${turnsMax} turns`);
	return [anna, bob];
}

test("two telephones hear each other and not themselves, by every codec",
    async (t) => {
	await Promise.all(kinds.map((kind) => talk(kind, t)));
});

test("keys arrive, one by one and in order", async () => {
	const [anna] = phones;
	const bob = [...phones].find((p) => p.name === "b-opus");

	assert.equal(anna.name, "a-opus");
	await anna.keys("12*#");
	await until("all keys", () => bob.events.filter((e) =>
	    e.type === "CALL_DTMF_END").length === 4);
	assert.equal(bob.events.filter((e) => e.type === "CALL_DTMF_START")
	    .map((e) => e.param).join(""), "12*#");
});

test("a hang-up ends the call at both ends", async () => {
	for (const phone of phones) {
		if (phone.name.startsWith("a-"))
			await phone.hangUp();
	}
	for (const phone of phones)
		await phone.until("it ends", () => phone.has("CALL_CLOSED"));
});

test("a call that is refused ends with a reason", async () => {
	const anna = await phoneOf("a-refused", { codec: "pcmu" });
	const bob = await phoneOf("b-refuses", { codec: "pcmu" });

	await anna.dial(bob.uri);
	await bob.until("it rings", () => bob.has("CALL_INCOMING"));
	await bob.hangUp();
	await anna.until("it ends", () => anna.has("CALL_CLOSED"));
	assert.match(anna.events.at(-1).param, /^(486|603) /);
});

test("telephones at an exchange call each other by name", async () => {
	const exchange = await exchangeStart({ folder });
	const at = { codec: "pcmu", exchange };
	const anna = await phoneOf("a-there", at);
	const bob = await phoneOf("b-there", { ...at, transport: "tcp" });

	try {
		for (const phone of [anna, bob])
			await phone.until("it is registered", () =>
			    exchange.has(phone.name));
		await anna.dial(`sip:b-there@127.0.0.1:${exchange.port}`);
		await bob.until("it rings", () => bob.has("CALL_INCOMING"));
		await bob.accept();
		await until("both hear something", () => [anna, bob].every(
		    (phone) => phone.heardSeconds() > 1));
		await bob.hangUp();
		await anna.until("it ends", () => anna.has("CALL_CLOSED"));
		await anna.dial(`sip:nobody@127.0.0.1:${exchange.port}`);
		await anna.until("nobody is there", () =>
		    anna.events.at(-1).type === "CALL_CLOSED" &&
		    /^404 /.test(anna.events.at(-1).param));
	} finally {
		/* They say goodbye there. */
		for (const phone of [anna, bob]) {
			phones.delete(phone);
			await phone.stop();
		}
		await exchange.stop();
	}
});
