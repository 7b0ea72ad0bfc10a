/*
 * firefox.mjs - Firefox with the page, as a guest has it.
 *
 * It is driven by WebDriver BiDi: playwright knows only a Firefox of its own
 * making, not Debian's.
 */
import { createRequire } from "node:module";
import { join } from "node:path";

import { rate } from "./sounds.mjs";

const puppeteer = createRequire(join(process.env.KK_FIREFOX_MODULES, "x"))(
    "puppeteer-core");

export const toneHz = 777; /* of its microphone */

/* Its camera shows colours that change. */
export async function firefoxStart() {
	const browser = await puppeteer.launch({ browser: "firefox",
		executablePath: "/usr/bin/firefox-esr", headless: true,
		protocolTimeout: 600000, timeout: 600000,
		extraPrefsFirefox: {
			"intl.accept_languages": "en-GB",
			"media.autoplay.default": 0,
			"media.navigator.audio.fake_frequency": toneHz,
			"media.navigator.permission.disabled": true,
			"media.navigator.streams.fake": true,
			"media.peerconnection.ice.loopback": true,
		} });

	return { browser, stop: () => browser.close() };
}

/* Opens a link and keeps what the page complains of. */
export async function firefoxOpen({ browser }, link) {
	const page = await browser.newPage();

	page.problems = [];
	page.on("pageerror", (error) => page.problems.push(String(error)));
	page.on("console", (line) => {
		if (line.type() === "error")
			page.problems.push(line.text());
	});
	await page.goto(link);
	return page;
}

/*
 * What comes into the page's slots for some seconds, as samples.  Recorded, not
 * played: without a sound card Firefox starts no AudioContext.
 */
export async function firefoxRecord(page, seconds) {
	const text = await page.evaluate(`(async () => {
		const record = (stream) => new Promise((done) => {
			const recorder = new MediaRecorder(stream);
			const pieces = [];

			recorder.ondataavailable = (event) => pieces.push(event.data);
			recorder.onstop = () => done(new Blob(pieces).arrayBuffer());
			recorder.start();
			setTimeout(() => recorder.stop(), ${seconds * 1000});
		});
		const sum = new Float32Array(${seconds} * ${rate});
		const files = await Promise.all([...document.querySelectorAll("audio")]
		    .map((sound) => record(sound.srcObject)));
		for (const file of files) {
			const context = new OfflineAudioContext(1, 1, ${rate});
			/* A slot without a sender gives an empty file. */
			const sound = await context.decodeAudioData(file)
			    .catch(() => null);
			sound?.getChannelData(0).subarray(0, sum.length)
			    .forEach((s, i) => { sum[i] += s; });
		}
		const bytes = new Uint8Array(Int16Array.from(sum, (s) =>
		    Math.max(-1, Math.min(1, s)) * 32767).buffer);
		let text = "";
		for (const byte of bytes)
			text += String.fromCharCode(byte);
		return btoa(text);
	})()`);
	const raw = Buffer.from(text, "base64");

	return Float32Array.from(new Int16Array(raw.buffer, raw.byteOffset,
	    raw.length >> 1), (s) => s / 32768);
}
