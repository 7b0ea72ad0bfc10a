/*
 * svc-narrow.test.mjs - a browser's camera in VP9 with layers, watched through
 * a narrow link: the lower layers come, though the tile calls for all.
 *
 * Runs itself again in a network namespace of its own: there the box, the
 * forwarder and the sender are, and behind the shaper the receiver.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { browserStart, pageJoin, pageOpen, pageState, pageStrips }
	from "./browser.mjs";
import { connectionsKeep, figures } from "./figures.mjs";
import { filmMake } from "./pictures.mjs";
import { ownNet } from "./own-net.mjs";
import { keep, roomsStart, until } from "./rooms.mjs";
import { speechMake } from "./sounds.mjs";

/* Less than all layers take, with sound and the box's picture. */
const kbps = 600;
const number = 7;
const large = { width: 640, height: 360 };
const frames = 30; /* in the smaller size, one after the other */
const skip = ownNet(fileURLToPath(import.meta.url));

let folder, rooms, near, far, sender, receiver;

const alive = () => !rooms.run.hasEnded;
const link = () => rooms.boxes()[0].link;

/* The browser behind the shaper. */
function programMake() {
	const path = join(folder, "browser");

	writeFileSync(path, "#!/bin/sh\n" +
	    `exec ${process.env.KK_SHAPER} --kbps=${kbps} ` +
	    '/usr/bin/chromium "$@"\n');
	chmodSync(path, 0o755);
	return path;
}

before(async () => {
	if (skip)
		return;
	folder = mkdtempSync(join(tmpdir(), "kk-svc-narrow-"));
	const film = join(folder, "film.y4m"), speech = join(folder, "s.wav");

	filmMake(film, { number, seconds: 10, ...large, grain: 24 });
	speechMake(speech, "Seven silver swans swam silently seaward.",
	    { pitch: 40, pause: 3 });
	/* First, for the link to be there when the forwarder looks for its own. */
	far = await browserStart({ film, speech, program: programMake(),
		trustsAll: true });
	rooms = await roomsStart({ boxes: 1, args: ["--video=vp9"] });
	await rooms.run.running();
	near = await browserStart({ film, speech, trustsAll: true });
	sender = await pageOpen(near, link());
	await connectionsKeep(far.context);
	receiver = await pageOpen(far, link());
	await receiver.setViewportSize({ width: 1280, height: 760 });
});

after(async () => {
	if (rooms)
		writeFileSync(keep("/dev/null", "svc-narrow.log"),
		    rooms.run.output);
	await far?.stop();
	await near?.stop();
	await rooms?.stop();
	if (folder)
		rmSync(folder, { recursive: true });
});

/* The sender's picture at the receiver. */
async function shown() {
	const found = Object.entries(await pageStrips(receiver))
	    .find(([, strip]) => strip.number === number);

	return found && { time: found[1].time, ...await receiver.evaluate((leaf) => {
		const video = document.querySelector(
		    `video[data-leaf="${leaf}"]`);

		return { picture: video?.videoWidth, tile: video?.clientWidth };
	}, found[0]) };
}

/* What the slot in VP9 has got. */
const received = async () => (await figures(receiver, "inbound-rtp"))
    .find((one) => one.framesDecoded && one.codec === "video/VP9");

test("behind a narrow link the smaller picture comes, and goes on", { skip },
    async (t) => {
	let first, inbound, seen;

	await pageJoin(sender, "Sender");
	await pageJoin(receiver, "Receiver");
	await until("the receiver sees the sender", shown, alive);
	await receiver.keyboard.press("v"); /* it need not send */
	await until(`${frames} frames of half its size`, async () => {
		seen = await shown();
		inbound = await received();
		if (seen?.picture !== large.width / 2 || !inbound) {
			first = undefined;
			return false;
		}
		first ??= inbound.framesDecoded;
		return inbound.framesDecoded - first >= frames;
	}, alive);
	t.diagnostic(JSON.stringify({ ...seen, decoded: inbound.framesDecoded,
		keys: inbound.keyFramesDecoded, plis: inbound.pliCount,
		lost: inbound.packetsLost, freezes: inbound.freezeCount }));
	/* No tile asked for the small one. */
	assert.ok(seen.tile > large.width * 0.6, `${seen.tile}`);
});

test("no frame came that did not open", { skip }, async () => {
	const { dropped } = (await pageState(receiver)).stats;

	assert.equal(dropped.forged, 0);
	assert.equal(dropped.replayed, 0);
	assert.equal(dropped.malformed, 0);
});
