/*
 * svc.test.mjs - browsers' cameras in VP9 with layers (L3T3_KEY): seen by a
 * browser and by a box; a tile's size decides which of them come.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState, pageStrips }
	from "./browser.mjs";
import { connectionsKeep, figures } from "./figures.mjs";
import { filmMake } from "./pictures.mjs";
import { keep, roomsStart, roomStrips, until } from "./rooms.mjs";
import { stripAdvance } from "./strip.mjs";

const number = 7; /* in the strip of the large film */
/* Of a picture of this size Chromium makes two layers: 160 is too narrow
 * (kMinVp9SpatialLayerLongSideLength in modules/video_coding/svc_config.cc). */
const large = { width: 640, height: 360 };
const wide = { width: 1280, height: 760 }, narrow = { width: 420, height: 520 };
const turns = 2;
let rooms, browser, sender, receiver, leaf;

const alive = () => !rooms.run.hasEnded;

before(async () => {
	rooms = await roomsStart({ boxes: 1, args: ["--video=vp9"] });
	const film = join(rooms.folder, "large.y4m");

	filmMake(film, { number, seconds: 10, ...large });
	await rooms.run.running();
	browser = await browserStart({ film, speech: rooms.speeches[0] });
	await connectionsKeep(browser.context);
	sender = await pageOpen(browser, rooms.run.status().link);
	receiver = await pageOpen(browser, rooms.run.status().link);
});

after(async () => {
	if (rooms)
		writeFileSync(keep("/dev/null", "svc.log"), rooms.run.output);
	await browser?.stop();
	await rooms?.stop();
});

const sent = async () => (await figures(sender, "outbound-rtp"))
    .find((one) => one.framesSent > 10);
/* The slot that shows the sender: the one that VP9 comes in. */
const received = async () => (await figures(receiver, "inbound-rtp"))
    .find((one) => one.codec === "video/VP9" && one.framesDecoded > 0);

const drawnWidth = () => receiver.evaluate((of) =>
	document.querySelector(`video[data-leaf="${of}"]`)?.videoWidth, leaf);

/* Some seconds of the sender's film in this width. */
async function isShownIn(width) {
	let last, gone = 0;

	await until(`the film goes on, ${width} wide`, async () => {
		const time = (await pageStrips(receiver))[leaf]?.time;
		const isRight = await drawnWidth() === width;

		if (isRight && time !== undefined && last !== undefined)
			gone += stripAdvance(last, time) % 10_000;
		last = isRight ? time : undefined;
		return gone > 2_000;
	}, alive);
}

test("a browser sends its camera in VP9 with layers, and the other shows it",
    async (t) => {
	let out;

	await pageJoin(sender, "Sender");
	await pageJoin(receiver, "Receiver");
	await until("the receiver sees the sender", async () => {
		const seen = Object.entries(await pageStrips(receiver))
		    .find(([, strip]) => strip.number === number);

		leaf = seen && Number(seen[0]);
		return leaf !== undefined;
	}, alive);
	await receiver.keyboard.press("v"); /* two cameras would be a strain */
	await until("the sender's figures are there", async () => {
		out = await sent();
		return out !== undefined;
	}, alive);
	t.diagnostic(JSON.stringify([out.codec, out.scalabilityMode,
		out.frameWidth, out.framesSent]));
	assert.equal(out.codec, "video/VP9");
	assert.equal(out.scalabilityMode, "L2T3_KEY");
	assert.equal((await received()).codec, "video/VP9");
});

test("the box shows it, too", async (t) => {
	const [box] = rooms.boxes();
	const timeOf = () => roomStrips(box)?.[leaf]?.number === number ?
	    roomStrips(box)?.[leaf]?.time : undefined;
	let last, gone = 0;

	await until("the box shows the sender's film going on", () => {
		const time = timeOf();

		if (time !== undefined && last !== undefined)
			gone += stripAdvance(last, time) % 10_000;
		last = time ?? last;
		return gone > 3_000;
	}, alive);
	t.diagnostic(`${gone} ms of it`);
});

test("the size of a tile decides which layers come, and no decoder notices",
    async (t) => {
	const before = await received(), keysBefore = (await sent())
	    .keyFramesEncoded;

	for (let turn = 0; turn < turns; turn++) {
		await receiver.setViewportSize(narrow);
		await isShownIn(large.width / 2);
		await receiver.setViewportSize(wide);
		await isShownIn(large.width);
	}
	const now = await received(), keys = (await sent()).keyFramesEncoded;
	const since = (name) => now[name] - before[name];

	t.diagnostic(JSON.stringify({ decoded: since("framesDecoded"),
		received: since("framesReceived"),
		keys: since("keyFramesDecoded"), sent: keys - keysBefore,
		plis: since("pliCount"), freezes: since("freezeCount"),
		dropped: since("framesDropped"), lost: now.packetsLost }));
	assert.equal(now.id, before.id, "one stream all the time");
	/* A decoder that cannot go on asks for a key frame. */
	assert.equal(since("pliCount"), 0);
	/* Each way up needs a key frame here, and each way down (L3T3_KEY);
	 * the box and the sender's own second tile may ask for some, too. */
	assert.ok(since("keyFramesDecoded") >= 2 * turns);
	assert.ok(keys - keysBefore <= 6 * turns, `${keys - keysBefore}`);
});

test("no frame came that did not open, and nobody complained", async () => {
	const { dropped } = (await pageState(receiver)).stats;

	assert.equal(dropped.forged, 0);
	assert.equal(dropped.replayed, 0);
	assert.equal(dropped.malformed, 0);
	assert.deepEqual(sender.problems, []);
	assert.deepEqual(receiver.problems, []);
});
