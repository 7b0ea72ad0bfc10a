/*
 * heal.test.mjs - each process is killed in mid-call, and everybody sees
 * everybody again, with keys that are the same for all.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState, pageStrips }
	from "./browser.mjs";
import { guestNumber, roomsStart, roomStatus, roomStrips, until }
	from "./rooms.mjs";
import { stripAdvance } from "./strip.mjs";

const awayMs = 15000; /* the forwarder, in the last test */
let rooms, browser, page;

const alive = () => !rooms.run.hasEnded;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/* "place number" -> the time in the strip that is seen there. */
async function look() {
	const [one, two] = rooms.boxes();
	const seen = new Map();

	for (const [place, strips] of Object.entries({ page: await pageStrips(page),
		one: roomStrips(one), two: roomStrips(two) })) {
		for (const { number, time } of Object.values(strips ?? {}))
			seen.set(`${place} ${number}`, time);
	}
	return seen;
}

/* All six pictures are there, and go on. */
async function isLive() {
	const pairs = ["page 1", "page 2", "one 2", `one ${guestNumber}`, "two 1",
		`two ${guestNumber}`];
	const before = await look();

	if (!pairs.every((pair) => before.has(pair)))
		return false;
	await wait(2000); /* the rooms' pictures are new each second */
	const now = await look();
	return pairs.every((pair) => now.has(pair) &&
	    stripAdvance(before.get(pair), now.get(pair)) > 0);
}

/* Who lacks what, for people who look into a failure. */
async function isWhole() {
	const [one, two] = await Promise.all(rooms.boxes().map((box) =>
	    roomStatus(box).catch(() => null)));
	const state = await pageState(page);

	return one?.people.length === 3 && two?.people.length === 3 &&
	    state.people.length === 3 && one.code === two.code &&
	    one.code === state.code;
}

/* Longer than the 5 s after which a member that says nothing is removed
 * (docs/protocol.md, "Life of a group"): nobody is thrown out afterwards. */
async function stays(what) {
	for (let second = 0; second < 8; second++) {
		const rows = await Promise.all(rooms.boxes().map(roomStatus));

		rows.push(await pageState(page));
		assert.deepEqual(rows.map((r) => r.people.length), [3, 3, 3],
		    `${what}, ${second} s later`);
		await wait(1000);
	}
}

async function heals(what) {
	await until(`${what}: all see each other again`, isLive, alive);
	await until(`${what}: one group of three, one code`, isWhole, alive);
}

async function kill(label) {
	const { pid, restarts } = rooms.run.of(label);

	process.kill(pid, "SIGKILL");
	await until(`${label} is back`, () => {
		const now = rooms.run.of(label);

		return now.restarts > restarts && now.isReady;
	}, alive);
}

before(async () => {
	rooms = await roomsStart();
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await pageOpen(browser, rooms.run.status().link);
	await pageJoin(page, "Greta Guest");
	await heals("at the start");
});

after(async () => {
	mkdirSync(process.env.KK_OUT, { recursive: true });
	writeFileSync(join(process.env.KK_OUT, "heal.log"),
	    rooms?.run.output ?? "");
	await browser?.stop();
	await rooms?.stop();
});

for (const label of ["webd", "mediad1", "roomd1", "keyd1", "roomd2", "sfud"]) {
	test(`${label} is killed in mid-call, and the call goes on`, async (t) => {
		const from = Date.now();

		await kill(label);
		await heals(label);
		t.diagnostic(`healed after ${Date.now() - from} ms`);
		await stays(label);
		assert.equal((await pageState(page)).trouble ?? null, null);
	});
}

test(`the forwarder is gone for ${awayMs / 1000} s, and comes back`, async (t) => {
	process.kill(rooms.run.of("sfud").pid, "SIGSTOP");
	await wait(awayMs);
	const from = Date.now();
	await kill("sfud");
	await heals("sfud");
	t.diagnostic(`healed after ${Date.now() - from} ms`);
	await stays("sfud");
});
