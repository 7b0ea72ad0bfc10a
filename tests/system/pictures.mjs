/* pictures.mjs - a camera's film for the browser, and PNG files of rooms. */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { inflateSync } from "node:zlib";

import { stripLevels, unitMs } from "./strip.mjs";

/*
 * A film in Y4M, which Chromium plays in a loop as its camera: a grey wall with
 * a bar that wanders, and the strip with the film's own time.  grain: so much
 * noise is on the wall, which costs an encoder bits.
 */
export function filmMake(path, { number, seconds = 30, fps = 10, width = 320,
	height = 180, grain = 0 }) {
	const file = openSync(path, "w");
	const luma = Buffer.alloc(width * height);
	const chroma = Buffer.alloc(width * height / 2, 128);
	const top = height - Math.floor(height / 16);

	writeSync(file, `YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420\n`);
	for (let n = 0; n < seconds * fps; n++) {
		const levels = stripLevels(number, n * 1000 / fps / unitMs);
		const bar = n * 4 % width;

		for (let y = 0; y < height; y++) {
			for (let x = 0; x < width; x++) {
				const wall = (Math.abs(x - bar) < 10 ? 200 :
				    60 + (y >> 1)) + grain * Math.random();
				luma[y * width + x] = y < top ? wall :
				    levels[Math.floor(x * 32 / width)];
			}
		}
		writeSync(file, "FRAME\n");
		writeSync(file, luma);
		writeSync(file, chroma);
	}
	closeSync(file);
}

function paeth(a, b, c) {
	const p = a + b - c;
	const pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);

	if (pa <= pb && pa <= pc)
		return a;
	return pb <= pc ? b : c;
}

/* Undoes a line's filter (PNG, 9.2). */
function lineOpen(kind, line, above, bytes) {
	for (let i = 0; i < line.length; i++) {
		const a = i >= bytes ? line[i - bytes] : 0;
		const b = above ? above[i] : 0;
		const c = above && i >= bytes ? above[i - bytes] : 0;
		const add = [0, a, b, (a + b) >> 1, paeth(a, b, c)][kind];

		line[i] = (line[i] + add) & 255;
	}
}

function chunks(data) {
	const found = [];

	for (let at = 8; at + 12 <= data.length;) {
		const bytes = data.readUInt32BE(at);

		found.push({ kind: data.toString("latin1", at + 4, at + 8),
			data: data.subarray(at + 8, at + 8 + bytes) });
		at += bytes + 12;
	}
	return found;
}

/* {width, height, pixels} of a PNG with 8 bits a channel, as RGBA. */
export function pngRead(path) {
	const parts = chunks(readFileSync(path));
	const head = parts.find((c) => c.kind === "IHDR").data;
	const width = head.readUInt32BE(0), height = head.readUInt32BE(4);
	const channels = { 2: 3, 6: 4 }[head[9]];
	const raw = inflateSync(Buffer.concat(parts
	    .filter((c) => c.kind === "IDAT").map((c) => c.data)));
	const pixels = new Uint8Array(width * height * 4).fill(255);
	let above = null;

	if (head[8] !== 8 || !channels || head[12] !== 0)
		throw new Error(`${path}: not the kind of PNG that rooms write`);
	for (let y = 0; y < height; y++) {
		const from = y * (width * channels + 1);
		const line = raw.subarray(from + 1, from + 1 + width * channels);

		lineOpen(raw[from], line, above, channels);
		for (let x = 0; x < width; x++) {
			for (let i = 0; i < channels; i++)
				pixels[4 * (y * width + x) + i] = line[x * channels + i];
		}
		above = line;
	}
	return { width, height, pixels };
}
