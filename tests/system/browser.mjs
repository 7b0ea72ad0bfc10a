/* browser.mjs - Chromium with the page, as a guest has it. */
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { rate } from "./sounds.mjs";
import { stripRead } from "./strip.mjs";

const { chromium } = createRequire(join(process.env.KK_MODULES, "x"))(
    "playwright-core");

/*
 * film (Y4M) and speech (WAV) are what its camera and microphone give; program
 * starts it.  The page is not localhost's where it trusts all certificates.
 * Where shares is given, a page that asks for a screen gets the real picture of
 * the tab with that title.
 */
export async function browserStart({ film, speech, language = "en-GB",
	program = "/usr/bin/chromium", trustsAll = false, shares }) {
	const profile = mkdtempSync(join(tmpdir(), "kk-chromium-"));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: program, headless: true, timeout: 0,
		ignoreHTTPSErrors: trustsAll,
		locale: language, viewport: { width: 900, height: 560 },
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic",
			"--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync",
			"--autoplay-policy=no-user-gesture-required",
			shares ? `--auto-select-tab-capture-source-by-title=${
				shares}` : "--use-fake-ui-for-media-stream",
			"--use-fake-device-for-media-stream",
			`--use-file-for-fake-video-capture=${film}`,
			`--use-file-for-fake-audio-capture=${speech}`],
	});

	/* pageListen() hears our own voice, too. */
	await context.addInitScript(() => {
		const devices = navigator.mediaDevices;
		const get = devices?.getUserMedia.bind(devices);

		if (get)
			devices.getUserMedia = async (wanted) => {
				const stream = await get(wanted);

				if (wanted.audio)
					window.ownVoice = stream;
				return stream;
			};
	});
	/* Nobody is asked: with the faked answers screens would be faked, too. */
	if (shares)
		await context.grantPermissions(["camera", "microphone"]);
	return { context, async stop() {
		await context.close();
		rmSync(profile, { recursive: true, force: true });
	} };
}

/* Opens a link and keeps what the page complains of. */
export async function pageOpen(browser, link) {
	const page = await browser.context.newPage();

	page.problems = [];
	page.on("pageerror", (error) => page.problems.push(String(error)));
	page.on("console", (line) => {
		if (line.type() === "error")
			page.problems.push(line.text());
	});
	await page.goto(link);
	return page;
}

/* As a person does: name, then the button. */
export async function pageJoin(page, name) {
	await page.fill("#name", name);
	await page.click("button[type=submit]");
}

/* What the page says of itself for tests. */
export const pageState = (page) => page.evaluate("window.konklave");

/* {leaf: strip} of the others' pictures that are shown. */
export function pageStrips(page) {
	return page.evaluate(`(() => {
		const stripRead = ${stripRead.toString()};
		const found = {};

		for (const video of document.querySelectorAll("video[data-leaf]")) {
			const width = video.videoWidth, height = video.videoHeight;

			if (!width || video.classList.contains("waiting"))
				continue;
			const canvas = new OffscreenCanvas(width, height);
			const to = canvas.getContext("2d", { willReadFrequently: true });
			to.drawImage(video, 0, 0);
			const strip = stripRead(to.getImageData(0, 0, width, height).data,
			    width, { x: 0, y: 0, width, height });
			if (strip)
				found[video.dataset.leaf] = strip;
		}
		return found;
	})()`);
}

/* What is heard in the page for some seconds, as samples. */
export const pageRecord = async (page, seconds) =>
    (await pageListen(page, seconds)).heard;

const samplesOf = (text) => {
	const raw = Buffer.from(text, "base64");

	return Float32Array.from(new Int16Array(raw.buffer, raw.byteOffset,
	    raw.length >> 1), (s) => s / 32768);
};

/* The same, with our own voice as the page gets it, and the time (ms) of the first
 * sample of both: never too early. */
export async function pageListen(page, seconds) {
	const { texts, from } = await page.evaluate(`new Promise((done) => {
		const context = new AudioContext({ sampleRate: ${rate} });
		const ear = context.createScriptProcessor(4096, 2, 1);
		const both = context.createChannelMerger(2);
		const wanted = ${seconds} * ${rate};
		const pieces = [[], []];
		let count = 0, from = Infinity;
		const hear = (stream, channel) => context
		    .createMediaStreamSource(stream).connect(both, 0, channel);

		for (const sound of document.querySelectorAll("audio"))
			hear(sound.srcObject, 0);
		if (window.ownVoice)
			hear(window.ownVoice, 1);
		both.connect(ear);
		ear.connect(context.destination);
		ear.onaudioprocess = (event) => {
			pieces.forEach((all, i) => all.push(Int16Array.from(
			    event.inputBuffer.getChannelData(i), (s) => s * 32767)));
			count += event.inputBuffer.length;
			from = Math.min(from, performance.timeOrigin +
			    performance.now() - count / ${rate} * 1000);
			if (count < wanted)
				return;
			ear.onaudioprocess = null;
			void context.close();
			const texts = pieces.map((all) => {
				let text = "";

				for (const piece of all) {
					for (const byte of new Uint8Array(piece.buffer))
						text += String.fromCharCode(byte);
				}
				return btoa(text);
			});
			done({ texts, from });
		};
	})`);
	const [heard, own] = texts.map(samplesOf);

	return { heard, own, from };
}
