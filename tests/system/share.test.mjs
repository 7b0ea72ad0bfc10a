/*
 * share.test.mjs - a page shares a screen: the real picture of another tab of
 * its browser, by the browser's own capture.  Other pages and the room show what
 * is on it, large and under its owner's name, and tiles again when it ends.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState, pageStrips }
	from "./browser.mjs";
import { pngRead } from "./pictures.mjs";
import { guestNumber, keep, roomStrips, roomsStart, until } from "./rooms.mjs";
import { stripAdvance, stripLevels, stripRead } from "./strip.mjs";

const title = "konklave-shared";
const number = 5; /* in the strip of the shared tab */
/* As wide as the tab.  A capture ends somewhere below it: its height is what the
 * browser's own bars leave. */
const sheet = { width: 900, height: 320 };
let rooms, browser, sharer, viewer, content, server, leaf;

const alive = () => !rooms.run.hasEnded;

/* Some text and the strip with its own time; drawn a few times a second. */
const sharedPage = `<!doctype html><title>${title}</title>
<style>body { margin: 0; background: #fff; font: 40px sans-serif }
canvas { position: absolute; left: 0; top: ${sheet.height * 15 / 16}px;
	width: ${sheet.width}px; height: ${sheet.height / 16}px }
</style><h1 style="margin: 40px">Quarterly figures</h1>
<p style="margin: 40px">What stands here is to be read.</p><canvas></canvas>
<script>
const stripLevels = ${stripLevels.toString()};
const canvas = document.querySelector("canvas");
canvas.width = 640; canvas.height = 8;
const to = canvas.getContext("2d");
setInterval(() => stripLevels(${number},
    Math.round(performance.now() / 10) % 65536).forEach((luma, i) => {
	const grey = Math.round((luma - 16) * 255 / 219);
	to.fillStyle = \`rgb(\${grey} \${grey} \${grey})\`;
	to.fillRect(i * 20, 0, 20, 8);
}), 200);
</script>`;

before(async () => {
	rooms = await roomsStart({ boxes: 1 });
	server = createServer((_, answer) => {
		answer.setHeader("Content-Type", "text/html");
		answer.end(sharedPage);
	});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0], shares: title });
	content = await browser.context.newPage();
	await content.goto(`http://127.0.0.1:${server.address().port}/`);
	viewer = await pageOpen(browser, rooms.run.status().link);
	sharer = await pageOpen(browser, rooms.run.status().link);
	await pageJoin(viewer, "Vera Viewer");
	await pageJoin(sharer, "Sam Sharer");
	await until("all three are in", async () =>
	    (await pageState(sharer)).people.length === 3 &&
	    (await pageState(viewer)).people.length === 3, alive);
	const self = (await pageState(sharer)).people.find((p) => p.isSelf);

	leaf = self.leaf;
});

after(async () => {
	if (rooms)
		writeFileSync(keep("/dev/null", "share.log"), rooms.run.output);
	await browser?.stop();
	await rooms?.stop();
	server?.close();
});

const room = () => rooms.boxes()[0];
const roomTiles = () => JSON.parse(readFileSync(
    room().picture.replace(/\.png$/, ".json"), "utf8")).tiles;

/* Of the shared picture as another page draws it; null: it does not. */
const drawn = (page = viewer, of = leaf) => page.evaluate(`(() => {
	const stripRead = ${stripRead.toString()};
	const video = document.querySelector('video[data-screen="${of}"]');
	const width = video?.videoWidth, height = video?.videoHeight;

	if (!width || video.classList.contains("waiting"))
		return null;
	const canvas = new OffscreenCanvas(width, height);
	const to = canvas.getContext("2d", { willReadFrequently: true });
	to.drawImage(video, 0, 0);
	return { width, height, strip: stripRead(
	    to.getImageData(0, 0, width, height).data, width, { x: 0, y: 0, width,
		height: Math.round(${sheet.height / sheet.width} * width) }) };
})()`);

/* The same in the room's picture: in the middle of its tile. */
async function roomStrip() {
	const shared = await drawn();
	const tile = roomTiles().find((t) => t.isScreen && t.leaf === leaf);

	if (!shared || !tile?.hasPicture)
		return null;
	const { width, pixels } = pngRead(room().picture);
	const scale = Math.min(tile.width / shared.width,
	    tile.height / shared.height);
	const wide = Math.round(scale * shared.width);
	const part = { width: wide,
		height: Math.round(sheet.height / sheet.width * wide),
		x: tile.x + Math.round((tile.width - wide) / 2),
		y: tile.y + Math.round((tile.height - scale * shared.height) / 2) };

	return stripRead(pixels, width, part);
}

/* A strip that goes on, wherever it is read from. */
async function goesOn(what, read) {
	let first;

	await until(what, async () => {
		const strip = await read();

		first ??= strip;
		return strip && strip.number === number &&
		    stripAdvance(first.time, strip.time) > 1_000;
	}, alive);
}

test("before, the sharer is a tile like all others", async () => {
	await until("the camera is seen in page and room", async () =>
	    (await pageStrips(viewer))[leaf]?.number === guestNumber &&
	    roomStrips(room())?.[leaf]?.number === guestNumber, alive);
	assert.ok(roomTiles().every((t) => !t.isScreen));
	assert.equal(await viewer.locator(".large").count(), 0);
});

test("a shared tab is seen in another page, large and named", async (t) => {
	await sharer.bringToFront();
	await sharer.keyboard.press("d");
	await goesOn("the tab's strip goes on in the other page", async () =>
	    (await drawn())?.strip);
	const large = viewer.locator("figure.large");

	assert.match(await large.innerText(), /Screen of Sam Sharer/);
	const [wide, tile] = [await large.boundingBox(),
		await viewer.locator("li.tile").first().boundingBox()];
	assert.ok(wide.width > 2 * tile.width, "it is large");
	t.diagnostic(JSON.stringify({ wide, tile }));
});

test("the room shows it large, and people below it", async (t) => {
	await goesOn("the tab's strip goes on in the room", roomStrip);
	const tiles = roomTiles();

	t.diagnostic(JSON.stringify(tiles));
	assert.ok(tiles[0].isScreen);
	assert.equal(tiles[0].leaf, leaf);
	assert.equal(tiles[0].name, "Sam Sharer");
	assert.equal(tiles.filter((t) => t.isScreen).length, 1);
	for (const { width, isSelf } of tiles.slice(1))
		assert.ok(isSelf || tiles[0].width > 3 * width);
});

test("its owner is told, and sees no hall of mirrors", async () => {
	assert.match(await sharer.locator(".sharing").innerText(),
	    /You are sharing your screen/);
	assert.equal(await sharer.locator(".large").count(), 0);
	assert.equal(await sharer.locator("#control-share")
	    .getAttribute("aria-label"), "Stop sharing your screen");
	await viewer.screenshot({ path: keep("/dev/null", "share-viewer.png") });
	await sharer.screenshot({ path: keep("/dev/null", "share-sharer.png") });
	keep(room().picture, "share-room.png");
});

/* Both share the same tab: whose screen it is, the pages and the room say. */
test("of two who share the newest is large, and the other is there", async (t) => {
	const newest = (await pageState(viewer)).people.find((p) => p.isSelf).leaf;
	const screens = () => roomTiles().filter((t) => t.isScreen &&
	    t.hasPicture);

	await viewer.bringToFront();
	await viewer.keyboard.press("d");
	await goesOn("the second one's goes on with the first", async () =>
	    (await drawn(sharer, newest))?.strip);
	await until("the room shows both, the newest first", () =>
	    screens().length === 2 && roomTiles()[0].isScreen &&
	    roomTiles()[0].leaf === newest, alive);
	const [large, other] = screens();

	t.diagnostic(JSON.stringify({ large, other }));
	assert.equal(large.name, "Vera Viewer");
	assert.equal(other.leaf, leaf);
	assert.ok(large.width > 3 * other.width);
	assert.match(await sharer.locator("figure.large").innerText(),
	    /Screen of Vera Viewer/);
	/* Of the two it sees the one that is not its own. */
	assert.match(await viewer.locator("figure.large").innerText(),
	    /Screen of Sam Sharer/);
	keep(room().picture, "share-two.png");
	await viewer.keyboard.press("d");
	await until("the first one's is large again, alone", async () =>
	    screens().length === 1 && roomTiles()[0].isScreen &&
	    roomTiles()[0].leaf === leaf &&
	    !await sharer.locator(".large").count(), alive);
	await goesOn("and goes on in the room", roomStrip);
});

/* As with the browser's own bar, the capture ends from outside of the page. */
test("when the tab is closed, the share ends and tiles return", async () => {
	await content.close();
	await until("tiles are back", async () =>
	    !await viewer.locator(".large").count() &&
	    roomTiles().every((t) => !t.isScreen) &&
	    (await pageStrips(viewer))[leaf]?.number === guestNumber &&
	    roomStrips(room())?.[leaf]?.number === guestNumber, alive);
	assert.equal(await sharer.locator(".sharing").count(), 0);
	assert.ok(!(await pageState(viewer)).people.some((p) => p.hasScreen));
	keep(room().picture, "share-room-after.png");
});

test("no frame came that did not open, and nobody complained", async () => {
	const { dropped } = (await pageState(viewer)).stats;

	assert.equal(dropped.forged, 0);
	assert.equal(dropped.replayed, 0);
	assert.equal(dropped.malformed, 0);
	assert.deepEqual(sharer.problems, []);
	assert.deepEqual(viewer.problems, []);
});
