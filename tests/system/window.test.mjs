/*
 * window.test.mjs - the room's picture in a window of a desktop, as `make run`
 * opens it where there is a display.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { freePorts, programs, sandboxStart, until } from "../sandbox/support.mjs";
import { pngRead } from "./pictures.mjs";
import { stripAdvance, stripRead } from "./strip.mjs";
import { xStart } from "./xserver.mjs";

const size = { width: 640, height: 360 };
const number = 1; /* in the strip of the first box */
let x, run, folder;

const alive = () => !run.hasEnded && !x.hasEnded;
const picture = () => run.status().boxes[0].picture;
const about = () => JSON.parse(readFileSync(
    picture().replace(/\.png$/, ".json"), "utf8"));

before(async () => {
	folder = mkdtempSync(join(tmpdir(), "kk-window-"));
	x = await xStart({ width: 800, height: 450 });
	run = sandboxStart({ folder: programs, state: join(folder, "state"),
		page: process.env.KK_PAGE, port: await freePorts(5),
		env: { DISPLAY: x.display },
		args: [`--size=${size.width}x${size.height}`,
			"--send-size=320x180", "--give=mediad:--fps=10",
			"--give=mediad:--send-fps=10", "--name=Room"] });
	await run.running();
});

after(async () => {
	await run?.stop();
	await x?.stop();
	if (folder)
		rmSync(folder, { recursive: true, force: true });
});

/* Where the window's picture begins: at the first line and row that are not the
 * desktop's ground.  No window manager puts a frame around it. */
function corner(screen) {
	for (let y = 0; y + size.height <= screen.height; y++) {
		for (let x = 0; x + size.width <= screen.width; x++) {
			const at = 4 * (y * screen.width + x);

			if (screen.pixels[at] || screen.pixels[at + 1] ||
			    screen.pixels[at + 2])
				return { x, y };
		}
	}
	return null;
}

/* How many points differ outside of the tiles, whose pictures move. */
function differences(screen, from, room, tiles) {
	const isMoving = (x, y) => tiles.some((t) => x >= t.x &&
	    x < t.x + t.width && y >= t.y && y < t.y + t.height);
	let count = 0;

	for (let y = 0; y < room.height; y++) {
		for (let x = 0; x < room.width; x++) {
			const a = 4 * ((from.y + y) * screen.width + from.x + x);
			const b = 4 * (y * room.width + x);

			count += !isMoving(x, y) && [0, 1, 2].some((i) =>
			    screen.pixels[a + i] !== room.pixels[b + i]);
		}
	}
	return count;
}

test("the window shows the room's picture, point by point", async () => {
	const seen = await until("the room is in, and its window there",
	    async () => {
		const { phase, code, tiles } = about();
		const screen = x.look(), from = corner(screen);
		const room = pngRead(picture());

		/* Files and window are of one moment only now and then. */
		return phase === "in" && code && from &&
		    differences(screen, from, room, tiles) === 0 && room;
	}, alive);
	const colours = new Set();

	for (let at = 0; at < seen.pixels.length; at += 4)
		colours.add(seen.pixels.slice(at, at + 3).join());
	assert.ok(colours.size > 100, "a picture, not one colour");
});

test("its camera's picture moves in the window", async () => {
	const tile = about().tiles.find((t) => t.isSelf);
	const strip = () => {
		const screen = x.look(), from = corner(screen);

		return from && stripRead(screen.pixels, screen.width,
		    { ...tile, x: from.x + tile.x, y: from.y + tile.y });
	};
	const first = await until("a strip", strip, alive);

	assert.equal(first.number, number);
	await until("time goes on", () => {
		const now = strip();

		return now && stripAdvance(first.time, now.time) > 1000;
	}, alive);
});

/* Xlib ends a program whose display is gone; it is started again without. */
test("a desktop that goes away ends no meeting", async () => {
	const media = () => run.status().programs.find((p) =>
	    p.label.startsWith("mediad"));

	assert.equal(media().restarts, 0);
	await x.stop();
	await until("the room is in again, and pictures go on", () => {
		const { phase, number, code } = about();

		return media().restarts === 1 && phase === "in" && code &&
		    number > 20;
	}, () => !run.hasEnded);
	assert.deepEqual(run.status().programs.filter((p) => p.restarts > 0)
	    .map((p) => p.label), [media().label]);
});
