/*
 * call.test.mjs - two room boxes and a browser in one meeting, by the programs
 * that `make run` starts.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageRecord, pageState, pageStrips }
	from "./browser.mjs";
import { guestNumber, keep, roomsStart, roomStatus, roomStrips, until }
	from "./rooms.mjs";
import { qrRead } from "./qr.mjs";
import { heard, rate, wavRead } from "./sounds.mjs";
import { stripAdvance } from "./strip.mjs";

const seconds = 20; /* that everybody is to be seen */
let rooms, browser, page;

const alive = () => !rooms.run.hasEnded;
const numbers = (strips) => Object.values(strips ?? {}).map((s) => s.number)
    .sort((a, b) => a - b);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/* {place: {leaf: strip}} of all three. */
async function look() {
	const [one, two] = rooms.boxes();

	return { page: await pageStrips(page), one: roomStrips(one),
		two: roomStrips(two) };
}

before(async () => {
	rooms = await roomsStart();
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await pageOpen(browser, rooms.run.status().link);
});

after(async () => {
	if (rooms) {
		writeFileSync(join(process.env.KK_OUT, "call.log"), rooms.run.output);
	}
	await browser?.stop();
	await rooms?.stop();
});

test("a guest joins by the link, and all three see each other", async () => {
	await pageJoin(page, "Greta Guest");
	await until("everybody is in everybody's picture", async () => {
		const seen = await look();

		return same(numbers(seen.page), [1, 2]) &&
		    same(numbers(seen.one), [2, guestNumber]) &&
		    same(numbers(seen.two), [1, guestNumber]);
	}, alive);
	const { people } = await pageState(page);
	assert.deepEqual(people.map((p) => `${p.name}: ${p.verified}`).sort(),
	    ["Greta Guest: false", "Room 2: true", "Room: true"]);
});

test(`for ${seconds} s each decodes the others' pictures`, async (t) => {
	const gone = {}; /* place and number: ms by which its time went on */
	const last = {};
	const from = Date.now();

	while (Date.now() - from < seconds * 1000) {
		for (const [place, strips] of Object.entries(await look())) {
			for (const { number, time } of Object.values(strips ?? {})) {
				const key = `${place} sees ${number}`;

				if (key in last)
					gone[key] = (gone[key] ?? 0) +
					    stripAdvance(last[key], time) %
					    (number === guestNumber ? 30000 : Infinity);
				last[key] = time;
			}
		}
		await new Promise((done) => setTimeout(done, 500));
	}
	t.diagnostic(JSON.stringify(gone));
	assert.deepEqual(Object.keys(gone).sort(), ["one sees 2", "one sees 9",
		"page sees 1", "page sees 2", "two sees 1", "two sees 9"]);
	for (const [key, ms] of Object.entries(gone))
		assert.ok(ms > seconds * 1000 / 2, `${key}: ${ms} ms`);
});

test("each hears the others, and nobody else", async (t) => {
	const [guest, one, two] = rooms.speeches.map((path) => wavRead(path));
	const inPage = await pageRecord(page, seconds);
	const tail = (box) => {
		const all = wavRead(join(box.folder, "heard.wav"));

		return all.subarray(Math.max(0, all.length - seconds * rate));
	};
	const [inOne, inTwo] = rooms.boxes().map(tail);
	const table = {
		"page: one": heard(inPage, one), "page: two": heard(inPage, two),
		"page: guest": heard(inPage, guest),
		"one: two": heard(inOne, two), "one: guest": heard(inOne, guest),
		"one: one": heard(inOne, one),
		"two: one": heard(inTwo, one), "two: guest": heard(inTwo, guest),
		"two: two": heard(inTwo, two),
	};

	for (const [key, value] of Object.entries(table))
		t.diagnostic(`${key}: ${JSON.stringify(value)}`);
	/* Two seconds of a voice that nothing else disturbs are enough. */
	for (const [key, { pieces, sure }] of Object.entries(table)) {
		const [place, voice] = key.split(": ");
		const isOwn = place === voice || key === "page: guest";

		assert.ok(pieces >= 10, `${key}: silence`);
		assert.ok(isOwn ? sure === 0 : sure >= 4,
		    `${key}: ${sure} of ${pieces}`);
	}
});

test("all three show the same security code", async () => {
	await until("the codes are equal", async () => {
		const [one, two] = rooms.boxes();
		const codes = [(await roomStatus(one)).code, (await roomStatus(two)).code,
			(await pageState(page)).code];

		return /^(\d{5} ){5}\d{5}$/.test(codes[0]) &&
		    codes.every((code) => code === codes[0]);
	}, alive);
	await page.keyboard.press("s");
	await page.waitForSelector(".panel .qr");
	const shown = (await page.textContent("[data-testid=code]"))
	    .trim().replace(/\s+/g, " ");
	assert.match(shown, /^(\d{5} ){5}\d{5}$/);
});

test("another device reads the same code off page and rooms", async () => {
	const shot = join(rooms.folder, "page.png");

	/* It is new every half minute; a file may be replaced between two looks. */
	await until("all three are of one epoch", async () => {
		const [one, two] = rooms.boxes();
		const { code } = await roomStatus(one);

		await page.screenshot({ path: shot });
		const read = [shot, one.picture, two.picture].map(qrRead);
		return read.every((codes) => same(codes, [code]));
	}, alive);
	keep(shot, "code.png");
	await page.keyboard.press("s");
});

test("both sides look as they should", async () => {
	await page.screenshot({ path: keep("/dev/null", "page.png") });
	keep(rooms.boxes()[0].picture, "room.png");
	assert.deepEqual(page.problems, []);
});

test("who leaves is gone from pictures, people and keys", async () => {
	const { people } = await pageState(page);
	const guest = people.find((p) => p.isSelf).leaf;
	const before = await roomStatus(rooms.boxes()[0]);

	await page.click(".control.leave");
	await until("both rooms are two", async () => {
		const all = await Promise.all(rooms.boxes().map(roomStatus));

		return all.every((s) => s.people.length === 2 &&
		    s.epoch > before.epoch && s.code === all[0].code &&
		    s.code !== before.code);
	}, alive);
	await until("the guest's picture is gone", () => rooms.boxes().every((box) => {
		const strips = roomStrips(box);

		return strips && !(guest in strips) && !numbers(strips)
		    .includes(guestNumber) && numbers(strips).length === 1;
	}), alive);
});
