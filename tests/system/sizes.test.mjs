/*
 * sizes.test.mjs - a box's camera in two sizes: a page that draws it larger
 * gets the larger one, and the picture goes on whenever that changes.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState, pageStrips }
	from "./browser.mjs";
import { connectionsKeep, figures } from "./figures.mjs";
import { keep, roomsStart, until } from "./rooms.mjs";
import { stripAdvance } from "./strip.mjs";

const number = 1; /* of the only box */
const small = 320, large = 640;
const wide = { width: 1000, height: 640 }, narrow = { width: 330, height: 560 };
let rooms, browser, page, leaf;

const alive = () => !rooms.run.hasEnded;

before(async () => {
	rooms = await roomsStart({ boxes: 1, args: [`--send-size=${large}x360`,
		"--encodings=2"] });
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	await connectionsKeep(browser.context);
	page = await pageOpen(browser, rooms.run.status().link);
});

after(async () => {
	if (rooms)
		writeFileSync(keep("/dev/null", "sizes.log"), rooms.run.output);
	await browser?.stop();
	await rooms?.stop();
});

/* Of the video that is received: there is one. */
const inbound = async () => (await figures(page, "inbound-rtp"))
    .find((one) => one.framesDecoded) ?? {};

/* The box's clock goes on by two seconds in pictures of this width. */
async function isShownIn(width, t) {
	let last, gone = 0, got;

	await until(`the box's picture goes on, ${width} wide`, async () => {
		const time = (await pageStrips(page))[leaf]?.time;

		got = await inbound();
		const isRight = got.frameWidth === width;

		if (isRight && time !== undefined && last !== undefined)
			gone += stripAdvance(last, time) % 10_000;
		last = isRight ? time : undefined;
		return gone > 2_000;
	}, alive);
	t.diagnostic(JSON.stringify({ width: got.frameWidth,
		height: got.frameHeight, decoded: got.framesDecoded,
		keys: got.keyFramesDecoded, freezes: got.freezeCount }));
	return got;
}

test("a page sees the box", async () => {
	await page.setViewportSize(narrow);
	await pageJoin(page, "Receiver");
	await until("its picture comes", async () => {
		const seen = Object.entries(await pageStrips(page))
		    .find(([, strip]) => strip.number === number);

		leaf = seen && Number(seen[0]);
		return leaf !== undefined;
	}, alive);
});

test("its tile's size decides which picture comes, there and back", async (t) => {
	const first = await isShownIn(small, t);

	await page.setViewportSize(wide);
	const second = await isShownIn(large, t);

	await page.setViewportSize(narrow);
	const third = await isShownIn(small, t);

	assert.equal(third.ssrc, first.ssrc); /* one stream for its decoder */
	/* A switch needs a key frame; nobody may have asked for many. */
	assert.ok(second.keyFramesDecoded > first.keyFramesDecoded);
	assert.ok(third.keyFramesDecoded > second.keyFramesDecoded);
	assert.ok(third.keyFramesDecoded <= first.keyFramesDecoded + 10);
});

test("no frame came that did not open, and nobody complained", async () => {
	const { dropped } = (await pageState(page)).stats;

	assert.equal(dropped.forged, 0);
	assert.equal(dropped.replayed, 0);
	assert.equal(dropped.malformed, 0);
	assert.deepEqual(page.problems, []);
});
