/* rooms.mjs - sandbox boxes with the real programs, and what they show. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync,
	renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { freePorts, programs, remove, sandboxStart, until }
	from "../sandbox/support.mjs";
import { filmMake, pngRead } from "./pictures.mjs";
import { speechMake } from "./sounds.mjs";
import { stripRead } from "./strip.mjs";
import { varlinkCall } from "./varlink.mjs";

export const guestNumber = 9; /* in the strip of the guest's film */

/* What each one says, over and over.  The pauses are for the others: whoever
 * hears and speaks at once is damped by echo cancelling.  They differ, so that
 * nobody always falls into another's words. */
const texts = [
	["The quick brown fox jumps over the lazy dog, and nobody in the room " +
	    "minds.", { pitch: 30, pause: 3 }],
	["Eleven benevolent elephants walk along the river every single morning.",
		{ pitch: 60, pause: 4.3 }],
	["Pack my box with five dozen liquor jugs, said she, before it rains.",
		{ pitch: 80, voice: "en+f3", pause: 5.9 }],
];

/* Everything for a meeting: folders, film and speech (guest's first).  pauses: in
 * place of those above.  lines: so many telephone lines.  isQuiet: the first box
 * has no microphone before roomSpeak(). */
export async function roomsStart({ boxes = 2, args = [], pauses = [],
	lines = 0, isQuiet = false, from = programs } = {}) {
	const folder = mkdtempSync(join(tmpdir(), "kk-system-"));
	const film = join(folder, "guest.y4m");
	const speeches = texts.slice(0, boxes + 1).map(([text, how], i) => {
		const path = join(folder, `${isQuiet && i === 1 ? "quiet" : "speech"
		    }${i}.wav`);

		speechMake(path, text, { ...how, pause: pauses[i] ?? how.pause });
		return path;
	});

	filmMake(film, { number: guestNumber });
	const run = sandboxStart({ folder: from, state: join(folder, "state"),
		page: process.env.KK_PAGE,
		port: await freePorts(lines ? 10 + 2 * lines : 5),
		args: [`--boxes=${boxes}`, `--lines=${lines}`,
			`--prompts=${process.env.KK_PROMPTS ?? "build/prompts"}`,
			"--size=640x360", "--send-size=320x180",
			"--give=mediad:--fps=10", "--give=mediad:--send-fps=10",
			"--name=Room", `--microphone=${folder}/none`,
			`--give=mediad:--microphone=${folder}/speech{box}.wav`,
			"--give=mediad:--loudspeaker={state}/heard.wav", ...args] });

	return { folder, film, speeches, run,
		boxes: () => run.status().boxes,
		async stop() {
			const how = await run.stop();

			remove(folder);
			return how;
		} };
}

/* The first box's microphone comes, as it looks for one each second.  The time
 * (ms) of its first sample, which it takes once it has said so in its log. */
export async function roomSpeak(rooms) {
	renameSync(rooms.speeches[1], join(rooms.folder, "speech1.wav"));
	const [, time] = await until("the microphone is there", () => readFileSync(
	    join(rooms.folder, "state/log/mediad.log"), "utf8")
	    .match(/^([\d:.]+) .*the microphone is back/m));
	const now = Date.now(), day = 24 * 3600 * 1000;
	const at = new Date(`1970-01-01T${time}Z`).getTime();

	return now - (now - at) % day;
}

/* What is told beside the room's picture; null where there is none now. */
export function roomPicture(box) {
	const about = box.picture.replace(/\.png$/, ".json");

	return existsSync(about) ? JSON.parse(readFileSync(about, "utf8")) : null;
}

/* What a room's face tells. */
export const roomStatus = (box) =>
    varlinkCall(box.face, "io.konklave.Room.Status");

/*
 * The strips in a room's picture, by the leaves of cameras' tiles; null where
 * there is no whole picture now.  The picture and what is said of it are two files: a tile
 * that is moved between them is read from the wrong place, and found empty.
 */
export function roomStrips(box) {
	const about = box.picture.replace(/\.png$/, ".json");

	if (!existsSync(box.picture) || !existsSync(about))
		return null;
	const { tiles } = JSON.parse(readFileSync(about, "utf8"));
	const { width, pixels } = pngRead(box.picture);
	const found = {};
	for (const tile of tiles) {
		const strip = stripRead(pixels, width, tile);

		if (strip && !tile.isSelf && !tile.isScreen)
			found[tile.leaf] = strip;
	}
	return found;
}

/* Keeps a file after the test, for people to look at. */
export function keep(from, name) {
	const folder = process.env.KK_OUT;

	mkdirSync(folder, { recursive: true });
	if (existsSync(from))
		copyFileSync(from, join(folder, name));
	return join(folder, name);
}

export { until };
