/* sounds.mjs - speech, WAV files, and whether one is heard in another. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export const rate = 16000; /* at which sounds are compared */

/* Somebody says a text; a file of 48 kHz, one channel, 16 bits. */
export function speechMake(path, text, { voice = "en", pitch = 50 } = {}) {
	const raw = `${path}.raw.wav`;

	execFileSync("espeak-ng", ["-v", voice, "-p", String(pitch), "-s", "160",
		"-w", raw, text]);
	/* A pause at the end, where players begin anew. */
	execFileSync("sox", [raw, "-r", "48000", "-c", "1", "-b", "16", path,
		"norm", "-6", "pad", "0", "0.5"]);
	execFileSync("rm", [raw]);
}

/* Samples at 16 kHz, of any WAV that sox reads, also one that is being
 * written: its length does not count. */
export function wavRead(path, { fromSeconds = 0 } = {}) {
	const raw = execFileSync("sox", ["--ignore-length", path, "-t", "raw", "-e",
		"signed", "-b", "16", "-c", "1", "-r", String(rate), "-", "trim",
		String(fromSeconds)], { maxBuffer: 1 << 28, stdio: ["ignore", "pipe",
		"ignore"] });

	return Float32Array.from(new Int16Array(raw.buffer, raw.byteOffset,
	    raw.length >> 1), (s) => s / 32768);
}

/* In place; re and im have a power of two of values. */
function fft(re, im, sign) {
	const n = re.length;

	for (let i = 1, j = 0; i < n; i++) {
		let bit = n >> 1;

		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			[re[i], re[j]] = [re[j], re[i]];
			[im[i], im[j]] = [im[j], im[i]];
		}
	}
	for (let size = 2; size <= n; size *= 2) {
		const half = size / 2;

		for (let k = 0; k < half; k++) {
			const angle = sign * 2 * Math.PI * k / size;
			const c = Math.cos(angle), s = Math.sin(angle);

			for (let i = k; i < n; i += size) {
				const j = i + half;
				const x = re[j] * c - im[j] * s;
				const y = re[j] * s + im[j] * c;

				re[j] = re[i] - x;
				im[j] = im[i] - y;
				re[i] += x;
				im[i] += y;
			}
		}
	}
}

function spectrum(samples, n) {
	const re = new Float64Array(n), im = new Float64Array(n);

	re.set(samples);
	fft(re, im, -1);
	return { re, im };
}

const energy = (samples) => samples.reduce((sum, s) => sum + s * s, 0);

/* The best correlation of a piece with any place of a whole: 0 to 1. */
function bestMatch(piece, whole) {
	const n = 2 ** Math.ceil(Math.log2(piece.length + whole.length));
	const a = spectrum(whole, n), b = spectrum(piece, n);
	let own = energy(whole.subarray(0, piece.length)), best = 0;

	for (let i = 0; i < n; i++) {
		const re = a.re[i] * b.re[i] + a.im[i] * b.im[i];

		a.im[i] = a.im[i] * b.re[i] - a.re[i] * b.im[i];
		a.re[i] = re;
	}
	fft(a.re, a.im, 1);
	const norm = energy(piece);
	for (let lag = 0; lag + piece.length < whole.length; lag++) {
		const r = Math.abs(a.re[lag]) / n / Math.sqrt(norm * own + 1e-9);

		best = Math.max(best, r);
		own += whole[lag + piece.length] ** 2 - whole[lag] ** 2;
	}
	return best;
}

/*
 * How well a speech, said again and again, is heard in a recording, by pieces of
 * half a second that are not silent: how many there are, how many are surely of
 * this speech (others, and other voices, match to 0.4), the middle match and the
 * best.
 */
export function heard(recording, speech, seconds = 0.5) {
	const bytes = Math.round(seconds * rate);
	const twice = new Float32Array(speech.length * 2);
	const found = [];

	twice.set(speech);
	twice.set(speech, speech.length);
	for (let at = 0; at + bytes <= recording.length; at += bytes) {
		const piece = recording.subarray(at, at + bytes);

		if (Math.sqrt(energy(piece) / bytes) > 0.01)
			found.push(bestMatch(piece, twice));
	}
	found.sort((a, b) => a - b);
	return { pieces: found.length,
		sure: found.filter((match) => match > 0.5).length, middle: found[found.length >> 1] ?? 0,
		best: found.at(-1) ?? 0 };
}
