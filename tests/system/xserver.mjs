/* xserver.mjs - an X server without a screen, and what is seen on it. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/* Resolves with one whose display has that size, when it can be used. */
export async function xStart({ width, height }) {
	const folder = mkdtempSync(join(tmpdir(), "kk-x-"));
	const child = spawn("Xvfb", ["-displayfd", "3", "-nolisten", "tcp",
		"-noreset", "-screen", "0", `${width}x${height}x24`, "-fbdir",
		folder], { stdio: ["ignore", "ignore", "pipe", "pipe"] });
	const x = { said: "", hasEnded: false };
	const ended = new Promise((done) => child.on("close", () => {
		x.hasEnded = true;
		done();
	}));

	child.stderr.on("data", (piece) => { x.said += piece; });
	x.display = await new Promise((done, failed) => {
		let number = "";

		child.stdio[3].on("data", (piece) => {
			number += piece;
			if (number.endsWith("\n"))
				done(`:${number.trim()}`);
		});
		void ended.then(() => failed(new Error(`Xvfb: ${x.said}`)));
	});
	x.look = () => xwdRead(readFileSync(join(folder, "Xvfb_screen0")));
	x.stop = async () => {
		child.kill("SIGTERM");
		await ended;
		rmSync(folder, { recursive: true, force: true });
	};
	return x;
}

/* {width, height, pixels} as RGBA of a screen in XWD's format: a header of
 * 32-bit numbers, big-endian, a name, colours, lines (XWDFile.h, version 7). */
export function xwdRead(file) {
	const at = (n) => file.readUInt32BE(4 * n);
	const [headerBytes, version] = [at(0), at(1)];
	const [width, height, isBigEndian, bits, lineBytes, colours] = [at(4),
		at(5), at(7), at(11), at(12), at(19)];
	const from = headerBytes + 12 * colours;
	const pixels = new Uint8Array(width * height * 4).fill(255);

	if (version !== 7 || bits !== 32 || isBigEndian)
		throw new Error("not the kind of screen that Xvfb has on a PC");
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const pixel = from + y * lineBytes + 4 * x;

			for (let i = 0; i < 3; i++)
				pixels[4 * (y * width + x) + i] = file[pixel + 2 - i];
		}
	}
	return { width, height, pixels };
}
