/*
 * errors.test.mjs - who cannot come in is told why, and disturbs nobody.
 */
import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState } from "./browser.mjs";
import { roomsStart, roomStatus, until } from "./rooms.mjs";

let rooms, browser, base, id, secret;

const alive = () => !rooms.run.hasEnded;

before(async () => {
	rooms = await roomsStart({ boxes: 1 });
	await rooms.run.running();
	[, base, id, secret] = rooms.run.status().link
	    .match(/^(.*)#1\.(.*)\.(.*)$/);
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
});

after(async () => {
	await browser?.stop();
	await rooms?.stop();
});

const other = (text) => (text[3] === "A" ? "B" : "A");
const changed = (text) => text.slice(0, 3) + other(text) + text.slice(4);

/* Tries a link; resolves with the page when it says what is wrong. */
async function refused(link, trouble, words) {
	const before = await roomStatus(rooms.boxes()[0]);
	const page = await pageOpen(browser, link);

	if (await until("the page has started", async () =>
	    (await page.$("#name")) ?? (await page.$("[role=alert]")), alive) &&
	    await page.$("#name"))
		await pageJoin(page, "Greta Guest");
	await page.waitForSelector("[role=alert] h1");
	assert.equal((await pageState(page)).trouble, trouble);
	assert.match(await page.textContent("[role=alert]"), words);
	const after = await roomStatus(rooms.boxes()[0]);
	assert.equal(after.phase, "in");
	assert.deepEqual(after.people.map((p) => p.leaf),
	    before.people.map((p) => p.leaf));
	await page.close();
}

test("a wrong secret", async () => {
	await refused(`${base}#1.${id}.${changed(secret)}`, "denied",
	    /The secret in the link is wrong/);
});

test("a meeting that is not there", async () => {
	await refused(`${base}#1.${changed(id)}.${secret}`, "unknown-meeting",
	    /It has not begun, or is over/);
});

test("a link that was cut short", async () => {
	await refused(`${base}#1.${id}`, "link-malformed",
	    /link is not complete/);
});

test("another version of the protocol is named, and the connection ended",
    async () => {
	const page = await pageOpen(browser, base);
	const { signal } = await page.evaluate(
	    "fetch('/config.json').then((answer) => answer.json())");
	const said = await page.evaluate(`new Promise((done) => {
		const socket = new WebSocket("ws://localhost:${signal.loopbackPort}",
		    "konklave.1");
		let text = null;

		socket.onopen = () => socket.send(JSON.stringify({ type: "hello",
			id: 1, version: 99, client: "test" }));
		socket.onmessage = (event) => { text = JSON.parse(event.data); };
		socket.onclose = () => done(text);
	})`);

	assert.equal(said.error, "version");
	assert.deepEqual(said.supported, [1]);
	await page.close();
});

test("a meeting that is full", async (t) => {
	const bytes = Buffer.from(secret, "base64url");
	const info = Buffer.concat([Buffer.from("token\0"),
		Buffer.from(id, "base64url")]);
	const token = Buffer.from(hkdfSync("sha256", bytes, "Konklave 1 meeting",
	    info, 32)).toString("base64");
	const page = await pageOpen(browser, base);
	const { signal } = await page.evaluate(
	    "fetch('/config.json').then((answer) => answer.json())");
	/* Enters again and again until the server has enough. */
	const count = await page.evaluate(`(async () => {
		const enter = () => new Promise((done, failed) => {
			const socket = new WebSocket(
			    "ws://localhost:${signal.loopbackPort}", "konklave.1");

			socket.onopen = () => {
				socket.send(JSON.stringify({ type: "hello", id: 1,
					version: 1, client: "test" }));
				socket.send(JSON.stringify({ type: "enter", id: 2,
					meeting: "${Buffer.from(id, "base64url").toString("base64")}",
					token: "${token}" }));
			};
			socket.onmessage = (event) => {
				const answer = JSON.parse(event.data);

				if (answer.id === 2)
					done(answer.error ?? "entered");
			};
			socket.onclose = () => failed(new Error("closed"));
		});
		let entered = 0;

		for (;;) {
			const how = await enter();

			if (how !== "entered")
				return how === "full" ? entered : how;
			entered++;
		}
	})()`);
	t.diagnostic(`${count} entered`);
	assert.ok(count > 1, `${count}`);
	await refused(rooms.run.status().link, "full",
	    /as many people as it may have/);
	await page.close();
});

test("afterwards the same link still opens the meeting", async () => {
	const page = await pageOpen(browser, rooms.run.status().link);

	await until("there is room again", async () => {
		await page.reload();
		await page.waitForSelector("#name");
		await pageJoin(page, "Greta Guest");
		await until("it is in, or refused", async () =>
		    (await pageState(page)).trouble ||
		    (await pageState(page)).people.length === 2, alive);
		return !(await pageState(page)).trouble;
	}, alive);
	await page.close();
});
