/*
 * layers.test.mjs - a browser's camera in two sizes: who draws it small gets
 * the small one, and the picture goes on whenever that changes.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState, pageStrips }
	from "./browser.mjs";
import { connectionsKeep, figures } from "./figures.mjs";
import { filmMake } from "./pictures.mjs";
import { keep, roomsStart, until } from "./rooms.mjs";
import { stripAdvance } from "./strip.mjs";
import { varlinkCall } from "./varlink.mjs";

const number = 7; /* in the strip of the large film */
const large = { width: 640, height: 360 };
const wide = { width: 1280, height: 760 }, narrow = { width: 420, height: 520 };
const alone = { width: 330, height: 560 }; /* for a tile of its own */
let rooms, browser, sender, receiver, leaf;

const alive = () => !rooms.run.hasEnded;

before(async () => {
	rooms = await roomsStart({ boxes: 1 });
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
		writeFileSync(keep("/dev/null", "layers.log"), rooms.run.output);
	await browser?.stop();
	await rooms?.stop();
});

/* Of the slot that shows the sender: the one whose picture is as large. */
const drawn = () => receiver.evaluate((of) => {
	const video = document.querySelector(`video[data-leaf="${of}"]`);

	return video ? { picture: video.videoWidth, tile: video.clientWidth,
		frames: video.getVideoPlaybackQuality().totalVideoFrames } : null;
}, leaf);

/* The sender's film goes on by some seconds in this width.  For a while it may be
 * another one: a sender that has little room leaves the large one out. */
async function isShownIn(width, t) {
	let last, gone = 0;

	await until(`the film goes on, ${width} wide`, async () => {
		const time = (await pageStrips(receiver))[leaf]?.time;
		const isRight = (await drawn())?.picture === width;

		if (isRight && time !== undefined && last !== undefined)
			gone += stripAdvance(last, time) % 10_000;
		last = isRight ? time : undefined;
		return gone > 3_000;
	}, alive);
	t.diagnostic(JSON.stringify(await drawn()));
}

test("a browser sends its camera in two sizes with temporal layers", async (t) => {
	await pageJoin(sender, "Sender");
	await pageJoin(receiver, "Receiver");
	await until("the receiver sees the sender", async () => {
		const seen = Object.entries(await pageStrips(receiver))
		    .find(([, strip]) => strip.number === number);

		leaf = seen && Number(seen[0]);
		return leaf !== undefined;
	}, alive);
	await receiver.keyboard.press("v"); /* two cameras would be a strain */
	let sent;

	await until("both sizes are sent", async () => {
		sent = (await figures(sender, "outbound-rtp"))
		    .filter((one) => one.framesSent > 10);

		return sent.map((one) => one.frameWidth).sort()
		    .join() === `${large.width / 2},${large.width}`;
	}, alive);
	t.diagnostic(JSON.stringify(sent.map((one) => [one.rid, one.frameWidth,
		one.framesSent, one.scalabilityMode])));
	for (const one of sent)
		assert.equal(one.scalabilityMode, "L1T3");
});

test("the size of a tile decides which one comes, again and again", async (t) => {
	for (let turn = 0; turn < 2; turn++) {
		await receiver.setViewportSize(narrow);
		await isShownIn(large.width / 2, t);
		await receiver.setViewportSize(wide);
		await isShownIn(large.width, t);
	}
	const [inbound] = (await figures(receiver, "inbound-rtp"))
	    .filter((one) => one.frameWidth >= large.width / 2)
	    .sort((a, b) => b.keyFramesDecoded - a.keyFramesDecoded);

	t.diagnostic(JSON.stringify({ decoded: inbound.framesDecoded,
		keys: inbound.keyFramesDecoded, plis: inbound.pliCount,
		lost: inbound.packetsLost, freezes: inbound.freezeCount }));
	/* One for each switch at least, so these were switches. */
	assert.ok(inbound.keyFramesDecoded >= 5);
});

/* The box goes, which draws it large. */
test("a size that nobody draws is not encoded until somebody does", async (t) => {
	const active = async () => (await figures(sender, "outbound-rtp"))
	    .filter((one) => one.rid !== undefined)
	    .sort((a, b) => a.rid < b.rid ? -1 : 1) /* from small to large */
	    .map((one) => one.active);

	await varlinkCall(rooms.boxes()[0].face, "io.konklave.Room.Leave");
	await receiver.setViewportSize(alone);
	await until("the large one is switched off", async () =>
	    (await active()).join() === "true,false", alive);
	await isShownIn(large.width / 2, t);
	await receiver.setViewportSize(wide);
	await until("both are on again", async () =>
	    (await active()).join() === "true,true", alive);
	await isShownIn(large.width, t);
});

test("no frame came that did not open, and nobody complained", async () => {
	const { dropped } = (await pageState(receiver)).stats;

	assert.equal(dropped.forged, 0);
	assert.equal(dropped.replayed, 0);
	assert.equal(dropped.malformed, 0);
	assert.deepEqual(sender.problems, []);
	assert.deepEqual(receiver.problems, []);
});
