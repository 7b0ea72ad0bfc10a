/*
 * restart.test.mjs - nothing of the guest's UDP comes through for a while; it
 * looks for a new way, and its transports, slots and keys are the old ones.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageState, pageStrips } from "./browser.mjs";
import { guestNumber, roomsStart, roomStrips, until } from "./rooms.mjs";
import { stripAdvance } from "./strip.mjs";

let rooms, browser, page, cdp;
const asked = []; /* of the forwarder, by the page */

const alive = () => !rooms.run.hasEnded;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const count = (type) => asked.filter((t) => t === type).length;

/* Of Chromium's own making: WebRTC alone, not the signalling. */
const lose = (percent) => cdp.send("Network.emulateNetworkConditions", {
	offline: false, latency: 0, downloadThroughput: -1,
	uploadThroughput: -1, packetLoss: percent });

async function look() {
	const seen = new Map();

	for (const [place, strips] of Object.entries({
		page: await pageStrips(page),
		room: roomStrips(rooms.boxes()[0]) })) {
		for (const { number, time } of Object.values(strips ?? {}))
			seen.set(`${place} ${number}`, time);
	}
	return seen;
}

/* Both pictures are there, and go on. */
async function isLive() {
	const pairs = ["page 1", `room ${guestNumber}`];
	const before = await look();

	if (!pairs.every((pair) => before.has(pair)))
		return false;
	await wait(2000); /* the room's picture is new each second */
	const now = await look();
	return pairs.every((pair) => now.has(pair) &&
	    stripAdvance(before.get(pair), now.get(pair)) > 0);
}

before(async () => {
	rooms = await roomsStart({ boxes: 1,
		args: ["--give=sfud:--media-over=udp"] });
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await browser.context.newPage();
	cdp = await browser.context.newCDPSession(page);
	await cdp.send("Network.enable");
	page.on("websocket", (socket) => socket.on("framesent", ({ payload }) =>
	    asked.push(JSON.parse(payload).type)));
	await page.goto(rooms.run.status().link);
	await pageJoin(page, "Greta Guest");
	await until("they see each other", isLive, alive);
});

after(async () => {
	await browser?.stop();
	await rooms?.stop();
});

test("a guest whose packets are lost asks for a restart", async () => {
	assert.equal(count("restart"), 0);
	await lose(100);
	await until("it has asked", () => count("restart") > 0, alive);
});

test("and goes on as it was when they come through again", async () => {
	await lose(0);
	await until("they see each other again", isLive, alive);
	const state = await pageState(page);

	assert.equal(state.links, 1, "it has entered anew");
	assert.equal(state.trouble ?? null, null);
	/* Of the first time: one to send, one to receive. */
	assert.equal(count("transport"), 2);
	assert.equal(count("slots"), 1);
	assert.equal(count("connect"), 2);
});
