/* tools.test.mjs - what the tests of the whole look with, looks well. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { deflateSync } from "node:zlib";

import { filmMake, pngRead } from "./pictures.mjs";
import { heard, rate, speechMake, wavRead } from "./sounds.mjs";
import { stripAdvance, stripLevels, stripRead } from "./strip.mjs";

const folder = mkdtempSync(join(tmpdir(), "kk-tools-"));
after(() => rmSync(folder, { recursive: true }));

/* A picture of grey, with a strip in a part of it. */
function picture(width, height, part, number, time) {
	const pixels = new Uint8Array(width * height * 4).fill(128);
	const levels = stripLevels(number, time);
	const top = part.height - Math.floor(part.height / 16);

	for (let y = top; y < part.height; y++) {
		for (let x = 0; x < part.width; x++)
			pixels.fill(levels[Math.floor(x * 32 / part.width)],
			    4 * ((part.y + y) * width + part.x + x),
			    4 * ((part.y + y) * width + part.x + x) + 3);
	}
	return pixels;
}

test("the strip is read where it stands, and nowhere else", () => {
	const part = { x: 17, y: 9, width: 320, height: 180 };

	for (const [number, time] of [[0, 0], [9, 12345], [15, 65535]]) {
		const pixels = picture(400, 200, part, number, time);

		assert.deepEqual(stripRead(pixels, 400, part), { number, time });
		assert.equal(stripRead(pixels, 400, { ...part, y: 0 }), null);
		assert.equal(stripRead(pixels, 400, { ...part, width: 100 }), null);
	}
	assert.equal(stripRead(new Uint8Array(400 * 200 * 4), 400, part), null);
});

test("no cell can be misread unseen", () => {
	const part = { x: 0, y: 0, width: 320, height: 180 };

	for (let cell = 0; cell < 32; cell++) {
		const pixels = picture(320, 180, part, 5, 4711);

		for (let y = 169; y < 180; y++) {
			for (let x = cell * 10; x < cell * 10 + 10; x++) {
				const at = 4 * (y * 320 + x);
				pixels.fill(251 - pixels[at], at, at + 3);
			}
		}
		assert.equal(stripRead(pixels, 320, part), null, `cell ${cell}`);
	}
});

test("time goes on over its end", () => {
	assert.equal(stripAdvance(100, 250), 1500);
	assert.equal(stripAdvance(65530, 4), 100);
});

test("the film carries the strip and its own time", () => {
	const path = join(folder, "film.y4m");

	filmMake(path, { number: 9, seconds: 2 });
	const data = readFileSync(path);
	const head = data.indexOf("\n") + 1, frame = 6 + 320 * 180 * 3 / 2;
	assert.equal(data.length, head + 20 * frame);
	for (const n of [0, 7, 19]) {
		const luma = data.subarray(head + n * frame + 6);
		const pixels = new Uint8Array(320 * 180 * 4);
		for (let i = 0; i < 320 * 180; i++)
			pixels.fill(luma[i], 4 * i, 4 * i + 4);
		assert.deepEqual(stripRead(pixels, 320, { x: 0, y: 0, width: 320,
			height: 180 }), { number: 9, time: n * 10 });
	}
});

test("a PNG gives the pixels that were put in, by every filter", () => {
	const path = join(folder, "x.png");
	const width = 5, height = 10, lines = [];
	const value = (x, y, i) => (x * 50 + y * 31 + i * 77 + x * y * i) & 255;

	for (let y = 0; y < height; y++) {
		const line = Buffer.alloc(1 + width * 3);
		const kind = line[0] = y % 5;
		for (let i = 0; i < width * 3; i++) {
			const at = (j, row) => (j < 0 || row < 0 ? 0 :
			    value(Math.floor(j / 3), row, j % 3));
			const a = at(i - 3, y), b = at(i, y - 1), c = at(i - 3, y - 1);
			const p = [a, b, c].sort((m, n) => Math.abs(a + b - c - m) -
			    Math.abs(a + b - c - n) || 0)[0];
			line[1 + i] = at(i, y) - [0, a, b, (a + b) >> 1, p][kind];
		}
		lines.push(line);
	}
	const chunk = (kind, data) => Buffer.concat([
		Buffer.from([0, 0, data.length >> 8, data.length & 255]),
		Buffer.from(kind), data, Buffer.alloc(4)]);
	writeFileSync(path, Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
		chunk("IHDR", Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0])),
		chunk("IDAT", deflateSync(Buffer.concat(lines))),
		chunk("IEND", Buffer.alloc(0))]));
	const { pixels } = pngRead(path);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			for (let i = 0; i < 3; i++)
				assert.equal(pixels[4 * (y * width + x) + i], value(x, y, i));
		}
	}
});

test("a speech is heard beside another that is as loud, a third is not", () => {
	const path = (name) => join(folder, `${name}.wav`);
	const say = (name, text, how) => {
		speechMake(path(name), text, how);
		return wavRead(path(name));
	};
	const one = say("one", "The quick brown fox jumps over the lazy dog, and " +
	    "nobody minds.", { pitch: 30 });
	const two = say("two", "Eleven benevolent elephants walk along the river " +
	    "every morning.", { pitch: 70 });
	const none = say("none", "Pack my box with five dozen liquor jugs, said " +
	    "she.", { pitch: 50 });

	/* Both at once, later and louder. */
	execFileSync("sox", ["-m", path("one"), path("two"), "-c", "1",
		path("mixed"), "pad", "0.37", "repeat", "2"]);
	const mixed = wavRead(path("mixed"));
	for (const [speech, isThere] of [[one, true], [two, true], [none, false]]) {
		const { pieces, sure } = heard(mixed, speech);

		assert.ok(isThere ? sure > pieces / 2 : sure === 0,
		    `${sure} of ${pieces}`);
	}
	assert.deepEqual(heard(new Float32Array(10 * rate), one),
	    { pieces: 0, sure: 0, middle: 0, best: 0 });
});
