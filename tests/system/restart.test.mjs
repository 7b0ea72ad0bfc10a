/*
 * restart.test.mjs - nothing of the guest's media comes through for a while; it
 * looks for a new way, and its transports, slots and keys are the old ones.
 *
 * Between the guest and the forwarder's UDP port stands a relay, which the guest
 * is told of in place of that.
 */
import assert from "node:assert/strict";
import dgram from "node:dgram";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageState, pageStrips } from "./browser.mjs";
import { guestNumber, roomsStart, roomStrips, until } from "./rooms.mjs";
import { stripAdvance } from "./strip.mjs";

let rooms, browser, page, relay;
const asked = []; /* of the forwarder, by the page */

const alive = () => !rooms.run.hasEnded;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const count = (type) => asked.filter((t) => t === type).length;

/* Passes datagrams on while it is open, each guest's by a socket of its own. */
async function relayStart() {
	const near = dgram.createSocket("udp4");
	const far = new Map();
	const made = { isOpen: true, to: undefined, port: 0, stop() {
		near.close();
		for (const socket of far.values())
			socket.close();
	} };

	near.on("message", (data, { address, port }) => {
		const name = `${address}:${port}`;

		if (!made.isOpen)
			return;
		if (!far.has(name)) {
			const socket = dgram.createSocket("udp4");

			far.set(name, socket);
			socket.on("message", (answer) => made.isOpen &&
			    near.send(answer, port, address));
		}
		far.get(name).send(data, made.to, "127.0.0.1");
	});
	await new Promise((done) => near.bind(0, done));
	made.port = near.address().port;
	return made;
}

/* What the forwarder tells of itself, with the relay's port. */
function rewritten(text) {
	const message = JSON.parse(text);

	if (!message.candidates)
		return text;
	relay.to = message.candidates[0].port;
	message.candidates = message.candidates.filter((c) =>
	    !c.address.includes(":")).map((c) => ({ ...c, port: relay.port }));
	return JSON.stringify(message);
}

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
	relay = await relayStart();
	rooms = await roomsStart({ boxes: 1,
		args: ["--give=sfud:--media-over=udp"] });
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await browser.context.newPage();
	await page.routeWebSocket(/.*/, (guest) => {
		const server = guest.connectToServer();

		guest.onMessage((text) => {
			asked.push(JSON.parse(text).type);
			server.send(text);
		});
		server.onMessage((text) => guest.send(rewritten(text)));
	});
	await page.goto(rooms.run.status().link);
	await pageJoin(page, "Greta Guest");
	await until("they see each other", isLive, alive);
});

after(async () => {
	await browser?.stop();
	await rooms?.stop();
	relay?.stop();
});

test("a guest whose packets are lost asks for a restart", async () => {
	assert.equal(count("restart"), 0);
	relay.isOpen = false;
	await until("it has asked", () => count("restart") > 0, alive);
});

test("and goes on as it was when they come through again", async () => {
	relay.isOpen = true;
	await until("they see each other again", isLive, alive);
	const state = await pageState(page);

	assert.equal(state.links, 1, "it has entered anew");
	assert.equal(state.trouble ?? null, null);
	/* Of the first time: one to send, one to receive. */
	assert.equal(count("transport"), 2);
	assert.equal(count("slots"), 1);
	assert.equal(count("connect"), 2);
});
