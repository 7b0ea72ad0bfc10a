/* firefox.test.mjs - a guest with Firefox, and a room box. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { pageState, pageStrips } from "./browser.mjs";
import { firefoxOpen, firefoxRecord, firefoxStart, toneHz } from "./firefox.mjs";
import { pngRead } from "./pictures.mjs";
import { roomsStart, roomStatus, until } from "./rooms.mjs";
import { heard, rate, wavRead } from "./sounds.mjs";
import { stripAdvance } from "./strip.mjs";

const goesOnMs = 10000; /* of the box's time, that its picture has to go on */
const seconds = 10; /* that are listened to */
const colours = 5; /* of the guest's camera, that the box has to show */
let rooms, firefox, page;

const alive = () => !rooms.run.hasEnded;
const box = () => rooms.boxes()[0];

/* The colour of the guest's tile in the room's picture, coarsely; or null. */
function guestColour() {
	const about = box().picture.replace(/png$/, "json");

	if (!existsSync(about) || !existsSync(box().picture))
		return null;
	const tile = JSON.parse(readFileSync(about, "utf8")).tiles
	    .find((t) => !t.isSelf && t.hasPicture);
	const { width, pixels } = pngRead(box().picture);
	const sum = [0, 0, 0];

	if (!tile)
		return null;
	const left = tile.x + tile.width / 4, top = tile.y + tile.height / 4;
	const columns = Math.floor(tile.width / 2);
	const rows = Math.floor(tile.height / 4);
	for (let y = 0; y < rows; y++) {
		for (let x = 0; x < columns; x++) {
			const at = 4 * (Math.floor(top + y) * width +
			    Math.floor(left + x));

			sum.forEach((_, i) => { sum[i] += pixels[at + i]; });
		}
	}
	return sum.map((s) => Math.round(s / rows / columns / 8)).join(" ");
}

before(async () => {
	rooms = await roomsStart({ boxes: 1 });
	await rooms.run.running();
	firefox = await firefoxStart();
	page = await firefoxOpen(firefox, rooms.run.status().link);
});

after(async () => {
	await firefox?.stop();
	await rooms?.stop();
});

test("Firefox joins by the link, and sees the box's picture go on",
    async (t) => {
	let last, ms = 0;

	await page.waitForSelector("#name", { timeout: 0 });
	await page.type("#name", "Fiona Fuchs");
	await page.click("button[type=submit]");
	await until(`the box's picture goes on for ${goesOnMs} ms`, async () => {
		const { phase, trouble } = await pageState(page);

		assert.equal(trouble ?? null, null, phase);
		const strip = Object.values(await pageStrips(page))
		    .find(({ number }) => number === 1);
		if (strip && last !== undefined)
			ms += stripAdvance(last, strip.time);
		last = strip?.time ?? last;
		return ms > goesOnMs;
	}, alive);
	t.diagnostic(JSON.stringify((await pageState(page)).stats));
});

test("the box shows its picture, which goes on", async (t) => {
	const seen = new Set();

	await until(`${colours} different ones`, () => {
		const colour = guestColour();

		if (colour)
			seen.add(colour);
		return seen.size >= colours;
	}, alive);
	t.diagnostic([...seen].join(", "));
});

test("each hears the other, and not itself", async (t) => {
	const voice = wavRead(rooms.speeches[1]);
	const tone = (hz) => Float32Array.from({ length: 2 * rate }, (_, i) =>
	    Math.sin(2 * Math.PI * hz * i / rate) / 2);
	const inPage = await firefoxRecord(page, seconds);
	const all = wavRead(join(box().folder, "heard.wav"));
	const inRoom = all.subarray(Math.max(0, all.length - seconds * rate));
	const table = {
		"page: the room's voice": heard(inPage, voice),
		"page: its own tone": heard(inPage, tone(toneHz)),
		"room: the guest's tone": heard(inRoom, tone(toneHz)),
		"room: another tone": heard(inRoom, tone(toneHz * 1.06)),
		"room: its own voice": heard(inRoom, voice),
	};

	for (const [key, value] of Object.entries(table))
		t.diagnostic(`${key}: ${JSON.stringify(value)}`);
	for (const [key, { pieces, sure }] of Object.entries(table)) {
		const isTheOther = /the room's|the guest's/.test(key);

		assert.ok(pieces >= 5, `${key}: silence`);
		assert.ok(isTheOther ? sure >= 4 : sure === 0,
		    `${key}: ${sure} of ${pieces}`);
	}
});

test("both show the same people and the same security code", async () => {
	await until("the codes are equal", async () => {
		const [status, state] = [await roomStatus(box()),
			await pageState(page)];

		return /^(\d{5} ){5}\d{5}$/.test(state.code) &&
		    status.code === state.code;
	}, alive);
	const { people } = await pageState(page);
	assert.deepEqual(people.map((p) => `${p.name}: ${p.verified}`).sort(),
	    ["Fiona Fuchs: false", "Room: true"]);
	assert.deepEqual(page.problems, []);
});

test("it leaves, and the box is alone", async () => {
	await page.click(".control.leave");
	await until("the box is alone", async () => {
		const { phase, people } = await roomStatus(box());

		return phase === "in" && people.length === 1;
	}, alive);
	await until("its picture is gone", () => guestColour() === null, alive);
});
