/*
 * tcp.test.mjs - room and guest have no way to the forwarder but TCP: it tells
 * of no other.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageRecord, pageState, pageStrips }
	from "./browser.mjs";
import { guestNumber, roomsStart, roomStrips, until } from "./rooms.mjs";
import { heard, rate, wavRead } from "./sounds.mjs";
import { stripAdvance } from "./strip.mjs";

const seconds = 12; /* of sound */
let rooms, browser, page;

const alive = () => !rooms.run.hasEnded;
const numbers = (strips) => Object.values(strips ?? {}).map((s) => s.number);

before(async () => {
	rooms = await roomsStart({ boxes: 1,
		args: ["--give=sfud:--media-over=tcp"] });
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await pageOpen(browser, rooms.run.status().link);
});

after(async () => {
	await browser?.stop();
	await rooms?.stop();
});

test("room and guest see each other", async () => {
	await pageJoin(page, "Greta Guest");
	await until("they are in each other's picture", async () =>
	    numbers(await pageStrips(page)).includes(1) &&
	    numbers(roomStrips(rooms.boxes()[0])).includes(guestNumber), alive);
	assert.deepEqual(page.problems, []);
});

test("the browser says that both of its transports go by TCP", async () => {
	assert.deepEqual(await page.evaluate("window.konklave.ways()"),
	    ["tcp", "tcp"]);
});

test("pictures go on, and each hears the other", async (t) => {
	const [box] = rooms.boxes();
	const time = async () => Object.values(await pageStrips(page))
	    .find((s) => s.number === 1).time;
	const from = await time();
	const inPage = await pageRecord(page, seconds);
	const all = wavRead(join(box.folder, "heard.wav"));
	const inRoom = all.subarray(Math.max(0, all.length - seconds * rate));
	const [guest, one] = rooms.speeches.map((path) => wavRead(path));
	const table = { "page: one": heard(inPage, one),
		"room: guest": heard(inRoom, guest) };

	t.diagnostic(JSON.stringify(table));
	assert.ok(stripAdvance(from, await time()) > seconds * 1000 / 2);
	for (const [key, { sure }] of Object.entries(table))
		assert.ok(sure >= 2, `${key}: ${sure}`);
	assert.equal((await pageState(page)).links, 1);
});
