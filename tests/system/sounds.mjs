/* sounds.mjs - speech, WAV files, and whether one is heard in another. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export const rate = 16000; /* at which sounds are compared */

/* Somebody says a text, and is silent for a while, which players repeat; a file
 * of 48 kHz, one channel, 16 bits. */
export function speechMake(path, text, { voice = "en", pitch = 50,
	pause = 0.5 } = {}) {
	const raw = `${path}.raw.wav`;

	execFileSync("espeak-ng", ["-v", voice, "-p", String(pitch), "-s", "160",
		"-w", raw, text]);
	execFileSync("sox", [raw, "-r", "48000", "-c", "1", "-b", "16", path,
		"norm", "-6", "pad", "0", String(pause)]);
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

const turns = new Map(); /* length: cosines and sines of its parts */

function turnsOf(n) {
	if (!turns.has(n)) {
		const angle = (k) => 2 * Math.PI * k / n;

		turns.set(n, {
			c: Float64Array.from({ length: n / 2 }, (_, k) =>
			    Math.cos(angle(k))),
			s: Float64Array.from({ length: n / 2 }, (_, k) =>
			    Math.sin(angle(k))),
		});
	}
	return turns.get(n);
}

/* In place; re and im have a power of two of values. */
function fft(re, im, sign) {
	const n = re.length;
	const turn = turnsOf(n);

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
	for (let half = 1; half < n; half *= 2) {
		const step = n / (2 * half);

		for (let from = 0; from < n; from += 2 * half) {
			for (let k = 0; k < half; k++) {
				const c = turn.c[k * step], s = sign * turn.s[k * step];
				const i = from + k, j = i + half;
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

/* The best correlation of a piece with any place of a whole, whose spectrum is
 * given: 0 to 1, and that place. */
function bestPlace(piece, whole, of) {
	const n = of.re.length;
	const { re, im } = spectrum(piece, n);
	const norm = energy(piece);
	let own = energy(whole.subarray(0, piece.length)), best = 0, at = 0;

	for (let i = 0; i < n; i++) {
		const real = of.re[i] * re[i] + of.im[i] * im[i];

		im[i] = of.im[i] * re[i] - of.re[i] * im[i];
		re[i] = real;
	}
	fft(re, im, 1);
	for (let lag = 0; lag + piece.length < whole.length; lag++) {
		const r = Math.abs(re[lag]) / n / Math.sqrt(norm * own + 1e-9);

		if (r > best)
			[best, at] = [r, lag];
		own += whole[lag + piece.length] ** 2 - whole[lag] ** 2;
	}
	return [best, at];
}

const bestMatch = (...all) => bestPlace(...all)[0];

/* Without the pause. */
function wordsOf(speech) {
	return speech.subarray(0,
	    speech.findLastIndex((s) => Math.abs(s) > 0.001) + 1);
}

/* Telephones' band, 300 to 3400 Hz (ITU-T P.48), at half the rate: coders may
 * move and leave out what is outside it. */
function bandOf(samples) {
	const n = 2 ** Math.ceil(Math.log2(samples.length));
	const { re, im } = spectrum(samples, n);

	for (let k = 0; k <= n / 2; k++) {
		const hz = k * rate / n;

		for (const i of hz < 300 || hz > 3400 ? [k, (n - k) % n] : [])
			re[i] = im[i] = 0;
	}
	fft(re, im, 1);
	return Float64Array.from({ length: samples.length >> 1 },
	    (_, i) => re[2 * i] / n);
}

/*
 * How well a speech, said again and again with its pause, is heard in each whole
 * second of a recording that is not silent, in the band of telephones: a list of
 * its match, at which second it begins, and which second of the speech that is.
 * Other words and other voices match to 0.4.
 */
export function secondsHeard(recording, speech) {
	const again = Float32Array.from({ length: speech.length + rate },
	    (_, i) => speech[i % speech.length]);
	const whole = bandOf(again), heardBand = bandOf(recording);
	const of = spectrum(whole, 2 ** Math.ceil(Math.log2(whole.length)));
	const second = rate / 2;
	const found = [];

	for (let at = 0; at + second <= heardBand.length; at += second) {
		const piece = heardBand.subarray(at, at + second);

		if (Math.sqrt(energy(piece) / second) < 0.003)
			continue;
		const [match, place] = bestPlace(piece, whole, of);
		found.push({ match, at: at / second, of: place / second });
	}
	return found;
}

/*
 * How well a speech, said again and again, is heard in a recording, by pieces of
 * half a second that are not silent: how many there are, how many are surely of
 * this speech (others, and other voices, match to 0.4), the middle match and the
 * best.
 */
export function heard(recording, speech, seconds = 0.5) {
	const bytes = Math.round(seconds * rate);
	const words = wordsOf(speech);
	const of = spectrum(words,
	    2 ** Math.ceil(Math.log2(words.length + bytes)));
	const found = [];

	for (let at = 0; at + bytes <= recording.length; at += bytes) {
		const piece = recording.subarray(at, at + bytes);

		if (Math.sqrt(energy(piece) / bytes) > 0.01)
			found.push(bestMatch(piece, words, of));
	}
	found.sort((a, b) => a - b);
	return { pieces: found.length,
		sure: found.filter((match) => match > 0.5).length, middle: found[found.length >> 1] ?? 0,
		best: found.at(-1) ?? 0 };
}
