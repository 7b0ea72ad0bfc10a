/*
 * lines-flood.test.mjs - a telephone is in a meeting while others send its lines
 * 2,000 requests a second, for a minute.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { flood } from "./flood.mjs";
import { phoneStart } from "./phones.mjs";
import { roomsStart, roomStatus, until } from "./rooms.mjs";

const perSecond = 2000, seconds = 60;
const growthMostBytes = 64 << 20, lossMost = 0.001;
let rooms, phone;

const alive = () => !rooms.run.hasEnded;
const lines = () => rooms.run.status().lines;
const inMeeting = async () =>
    (await roomStatus(rooms.boxes()[0])).lines.length;

/* Bytes of real memory, at most so far. */
function peak() {
	const { pid } = rooms.run.of("lined");
	const [, kb] = readFileSync(`/proc/${pid}/status`, "utf8")
	    .match(/^VmHWM:\s+(\d+) kB$/m);

	return Number(kb) * 1024;
}

before(async () => {
	rooms = await roomsStart({ boxes: 1, lines: 4, pauses: [1, 0.5] });
	await rooms.run.running();
	phone = await phoneStart({ name: "anna", folder: rooms.folder,
		speech: rooms.speeches[0], codec: "g722" });
	await phone.dial(`sip:konklave@127.0.0.1:${lines().sip}`);
	await phone.until("it is answered", () => phone.has("CALL_ESTABLISHED"));
	await phone.keys(`${lines().number}#${lines().pin}#`);
	await until("it is in the meeting", async () => await inMeeting() === 1,
	    alive);
});

after(async () => {
	if (rooms)
		writeFileSync(join(process.env.KK_OUT, "lines-flood.log"),
		    rooms.run.output);
	await phone?.stop();
	await rooms?.stop();
});

test("the call goes on, and memory stays as it was", async (t) => {
	const before = peak();
	const sent = await flood({ port: lines().sip, tlsPort: lines().sipTls,
		perSecond, seconds });
	const grown = peak() - before;

	t.diagnostic(`${JSON.stringify(sent)}, grown ${grown >> 10} KiB`);
	assert.ok(sent.udp + sent.tcp + sent.tls >= 0.99 * perSecond * seconds);
	assert.ok(sent.tcp > 0 && sent.tls > 0);
	assert.ok(grown <= growthMostBytes, `${grown} bytes`);
	assert.equal(rooms.run.of("lined").restarts, 0);
	assert.equal(await inMeeting(), 1);
	assert.ok(!phone.has("CALL_CLOSED"));
});

test("nothing of its sound was lost", async (t) => {
	await phone.hangUp();
	await phone.until("its summary", () => /PR=\d+/.test(phone.output));
	const [received, sent, here, there] = phone.output
	    .match(/PR=(\d+);PS=(\d+);PL=(-?\d+),(-?\d+)/).slice(1)
	    .map(Number);

	t.diagnostic(`${received} came, ${sent} went; lost: ${here}, ${there}`);
	assert.ok(Math.min(received, sent) > 49 * seconds);
	assert.ok(Math.max(here, there) <= lossMost * received);
});

test("and others can call again", async () => {
	phone.events.length = 0;
	await phone.dial(`sip:konklave@127.0.0.1:${lines().sip}`);
	await phone.until("it is answered", () => phone.has("CALL_ESTABLISHED"));
});
