/*
 * turn.test.mjs - media that have no way but by a TURN server, a real one:
 * coturn.  A third room has a wrong secret for it, and a guest a wrong password.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageRecord, pageState, pageStrips }
	from "./browser.mjs";
import { coturnStart } from "./coturn.mjs";
import { guestNumber, roomsStart, roomStatus, roomStrips, until }
	from "./rooms.mjs";
import { heard, rate, wavRead } from "./sounds.mjs";
import { stripAdvance } from "./strip.mjs";

const secret = "what the site and coturn know";
const seconds = 12; /* of sound */
let folder, coturn, rooms, browser, page;

const alive = () => !rooms.run.hasEnded;
const numbers = (strips) => Object.values(strips ?? {}).map((s) => s.number)
    .sort((a, b) => a - b);
const log = (name) => readFileSync(join(rooms.folder, "state/log",
    `${name}.log`), "utf8");
const told = (box) => JSON.parse(readFileSync(box.picture
    .replace(/\.png$/, ".json"), "utf8")).trouble;

before(async () => {
	folder = mkdtempSync(join(tmpdir(), "kk-turn-"));
	writeFileSync(join(folder, "secret1"), `${secret}\n`, { mode: 0o600 });
	writeFileSync(join(folder, "secret2"), "another\n", { mode: 0o600 });
	coturn = await coturnStart({ secret });
	rooms = await roomsStart({ boxes: 2, args: [
		`--ice-server=turn:127.0.0.1:${coturn.port}`,
		`--ice-server=turn:localhost:${coturn.port}?transport=tcp`,
		`--turn-secret=${folder}/secret1`, "--relay-only",
		`--give=roomd:--turn-secret=${folder}/secret{box}`] });
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await pageOpen(browser, rooms.run.status().link);
});

after(async () => {
	await browser?.stop();
	await rooms?.stop();
	await coturn?.stop();
	rmSync(folder, { recursive: true, force: true });
});

test("room and guest see each other by the relay", async () => {
	await pageJoin(page, "Greta Guest");
	await until("they are in each other's picture", async () =>
	    numbers(await pageStrips(page)).includes(1) &&
	    numbers(roomStrips(rooms.boxes()[0])).includes(guestNumber), alive);
	assert.deepEqual(page.problems, []);
});

test("the pairs that browser and room have chosen are relays'", async () => {
	const ways = await page.evaluate("window.konklave.ways()");

	assert.ok(ways.length >= 1, "nothing is up");
	assert.deepEqual([...new Set(ways)], ["relay"]);
	assert.match(log("mediad1"), /link state=connected way=relay/);
	assert.doesNotMatch(log("mediad1"), /way=direct/);
	/* And so says the other end. */
	assert.match(coturn.log(), /realm <konklave\.test> user <\d+:guest>/);
	assert.match(coturn.log(), /realm <konklave\.test> user <\d+:room>/);
});

test("pictures go on, and each hears the other", async (t) => {
	const [box] = rooms.boxes();
	const from = { page: Object.values(await pageStrips(page))
	    .find((s) => s.number === 1).time };
	const inPage = await pageRecord(page, seconds);
	const all = wavRead(join(box.folder, "heard.wav"));
	const inRoom = all.subarray(Math.max(0, all.length - seconds * rate));
	const to = Object.values(await pageStrips(page))
	    .find((s) => s.number === 1).time;
	const [guest, one] = rooms.speeches.map((path) => wavRead(path));
	const table = { "page: one": heard(inPage, one),
		"room: guest": heard(inRoom, guest) };

	t.diagnostic(JSON.stringify(table));
	assert.ok(stripAdvance(from.page, to) > seconds * 1000 / 2);
	for (const [key, { sure }] of Object.entries(table))
		assert.ok(sure >= 2, `${key}: ${sure}`);
});

test("a room whose secret is wrong says so, and disturbs nobody", async () => {
	const [one, two] = rooms.boxes();

	await until("it is told on the room's screen", () =>
	    told(two) === "no-relay", alive);
	assert.equal(told(one), "");
	assert.deepEqual(numbers(roomStrips(two)), []);
	/* It is in the meeting all the same. */
	assert.equal((await roomStatus(two)).phase, "in");
	assert.doesNotMatch(log("mediad2"), /link state=connected/);
	assert.ok(numbers(await pageStrips(page)).includes(1));
});

test("a guest whose password is wrong is told, and disturbs nobody",
    async () => {
	const other = await browser.context.newPage();

	await other.route("**/config.json", async (route) => {
		const answer = await route.fetch();
		const config = await answer.json();

		for (const server of config.ice.servers)
			server.credential = "wrong";
		await route.fulfill({ response: answer, json: config });
	});
	await other.goto(rooms.run.status().link);
	await pageJoin(other, "Walter Wrong");
	await other.waitForSelector("[role=alert] h1", { timeout: 0 });
	assert.equal((await pageState(other)).trouble, "relay");
	assert.match(await other.textContent("[role=alert]"),
	    /relay \(TURN server\).*does not accept this page's password/);
	await other.close();
	await until("the others are among themselves", async () =>
	    (await roomStatus(rooms.boxes()[0])).people.length === 3, alive);
	assert.ok(numbers(await pageStrips(page)).includes(1));
	assert.equal((await pageState(page)).trouble, undefined);
});

test("no secret and no password stands in a log or on a command line",
    async (t) => {
	const { ice } = await page.evaluate(
	    "fetch('/config.json').then((answer) => answer.json())");
	const { credential } = ice.servers[0];

	for (const name of ["roomd1", "roomd2", "mediad1", "mediad2", "webd"]) {
		const text = log(name);

		assert.ok(text.length > 0, name);
		assert.ok(!text.includes(secret) && !text.includes(credential),
		    name);
	}
	t.diagnostic(`room 2 tried ${log("mediad2").match(/state=lost/g)
	    .length} times`);
	for (const { pid } of rooms.run.status().programs) {
		const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");

		assert.ok(line.length > 0 && !line.includes(secret));
	}
});
