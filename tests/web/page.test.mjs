/* page.test.mjs - the built page in Chromium: what people see, hear of, press. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { qrRead } from "../system/qr.mjs";
import { Site, assertAccessible, assertNoOverflow, joinMeeting, launch,
	openPage, say, shot } from "./browser.mjs";
import { load, web } from "./world.mjs";

const { texts } = await load("page/texts.js");
const site = new Site();
let browser;

before(async () => {
	await site.start();
	browser = await launch();
});
after(async () => {
	await browser.close();
	site.stop();
});

/* Another device reads off the page what stands there as digits. */
async function assertCode(page) {
	const folder = mkdtempSync(join(tmpdir(), "kk-page-"));
	const path = join(folder, "code.png");
	const digits = async () => (await page.textContent(
	    "[data-testid=code]")).trim();
	let shown, before;

	await page.keyboard.press("s");
	await page.waitForSelector(".panel .qr");
	do { /* until no epoch begins in between */
		before = await digits();
		await page.screenshot({ path });
		shown = await digits();
	} while (before !== shown);
	assert.match(shown, /^(\d{5} ){5}\d{5}$/);
	assert.deepEqual(qrRead(path), [shown]);
	await page.keyboard.press("Escape");
	rmSync(folder, { recursive: true });
}

const ready = (page) => page.waitForSelector("h1");

for (const [locale, language] of [["de-DE", "de"], ["en-GB", "en"]])
	for (const scheme of ["light", "dark"])
		test(`joining and meeting, ${language}, ${scheme}`, async () => {
			const { page, world, context, complaints } =
			    await openPage(browser, site, { locale, scheme });
			const words = texts[language];

			await page.waitForSelector("video.mirror");
			await say(page, words.joinTitle);
			assert.equal(await page.evaluate(() =>
			    document.documentElement.lang), language);
			await assertAccessible(page, "join");
			await shot(page, `join-${language}-${scheme}`);
			const box = await world.box("Raum 4");
			await joinMeeting(page, "Ada");
			await page.waitForFunction(() => window.konklave.people
			    .every((p) => p.participant));
			await say(page, words.guest);
			await assertAccessible(page, "room");
			for (const key of ["s", "p", "c"]) {
				await page.keyboard.press(key);
				await page.waitForSelector(".panel h2");
				await assertAccessible(page, `panel ${key}`);
				await shot(page,
				    `room-${key}-${language}-${scheme}`);
				await page.keyboard.press("Escape");
			}
			const state = await page.evaluate(() =>
			    window.konklave);
			assert.equal(state.code, web.securityCode(box.group));
			await assertCode(page);
			assert.deepEqual(state.people.map((p) => [p.name,
				p.isSelf]), [["Raum 4", false], ["Ada", true]]);
			await page.locator(".leave").click();
			await say(page, words.left);
			await assertAccessible(page, "left");
			await shot(page, `left-${language}-${scheme}`);
			assert.deepEqual(complaints, []);
			await context.close();
		});

test("a whole meeting by the keyboard alone", async () => {
	const { page, world, context } = await openPage(browser, site);
	const focused = () => page.evaluate(() => {
		const e = document.activeElement;

		return e.id || e.getAttribute("aria-label") || e.innerText;
	});
	const focusOn = (id) => page.waitForFunction((i) =>
	    document.activeElement.id === i, id);
	const walk = async (want, max = 20) => {
		for (let i = 0; i < max; i++) {
			await page.keyboard.press("Tab");
			if (await focused() === want)
				return;
		}
		assert.fail(`${want} is not reached`);
	};
	const ring = () => page.evaluate(() => {
		const style = getComputedStyle(document.activeElement);

		return style.outlineStyle !== "none" ||
		    style.boxShadow !== "none";
	});

	await world.box("Room 4");
	await page.waitForSelector("video.mirror");
	await page.waitForSelector("meter"); /* both devices are there */
	for (const want of ["Deutsch", "English", "Mute the microphone",
		"Switch the camera off", "name", "microphone", "original",
		"camera", "Join"]) {
		await walk(want, 1);
		assert.ok(await ring(), `${want} shows its focus`);
	}
	await page.keyboard.press("Enter");
	/* The name is missing, and the focus goes where it is to be typed. */
	await say(page, texts.en.nameMissing);
	await focusOn("name");
	await page.keyboard.type("Mvc");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => window.konklave.phase === "in");
	await page.waitForFunction(() => window.konklave.people.find(
	    (p) => p.isSelf)?.name === "Mvc");
	const own = (what) => page.waitForFunction(([name, is]) =>
	    window.konklave.people.find((p) => p.isSelf)[name] === is, what);
	await own(["hasMicrophone", true]);
	await page.keyboard.press("m");
	await own(["hasMicrophone", false]);
	await page.keyboard.press("m");
	await own(["hasMicrophone", true]);
	await page.keyboard.press("v");
	await own(["hasCamera", false]);
	await page.keyboard.press("v");
	await own(["hasCamera", true]);
	/* A panel takes the focus and gives it back. */
	await walk("control-chat");
	assert.ok(await ring());
	await page.keyboard.press("Enter");
	await page.waitForSelector(".panel.chat");
	await focusOn("panel-title");
	await page.locator("#message").focus();
	await page.keyboard.type("mvdcps");
	assert.equal(await page.evaluate(() => window.konklave.people.find(
	    (p) => p.isSelf).hasMicrophone), true);
	await page.keyboard.press("Escape");
	await page.waitForSelector(".panel", { state: "detached" });
	await focusOn("control-chat");
	for (const [name, key] of [["microphone", "M"], ["camera", "V"],
		["share", "D"], ["chat", "C"], ["people", "P"],
		["code", "S"]])
		assert.match(await page.locator(`#control-${name}`)
		    .getAttribute("title"), new RegExp(`key ${key}`));
	await walk("Leave the meeting");
	await page.keyboard.press("Enter");
	await say(page, texts.en.left);
	await context.close();
});

test("chat is words, whatever they are, and goes sealed", async () => {
	const { page, world, context, complaints } = await openPage(browser,
	    site);
	const box = await world.box("Room 4");
	const nasty = "<img src=x onerror=alert(1)><b>&amp;";

	await joinMeeting(page, "Ada");
	await page.waitForFunction(() => window.konklave.people.every((p) =>
	    p.participant));
	await box.say({ type: "chat", text: nasty });
	await page.waitForSelector("#control-chat .count");
	await page.keyboard.press("c");
	assert.equal(await page.locator(".messages .text").innerText(), nasty);
	await page.locator("#message").fill("Hello, room");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelectorAll(
	    ".messages li").length === 2);
	await world.clock.settle();
	assert.ok(box.heard.some(([, w]) => w.text === "Hello, room"));
	assert.ok(!JSON.stringify(world.server.log).includes("Hello"));
	await shot(page, "chat");
	assert.deepEqual(complaints, []);
	await context.close();
});

const doors = {
	denied: { secret: new Uint8Array(16) },
	full: { refuse: { enter: ["full"] } },
	"unknown-meeting": { refuse: { enter: ["unknown-meeting"] } },
	refused: { refuse: { enter: ["internal"] } },
	version: { refuse: { hello: ["version", { supported: [2] }] } },
	unreachable: { isDown: true },
};

for (const [trouble, { secret, refuse, isDown }] of Object.entries(doors))
	test(`at the door: ${trouble}, in words of both languages`,
	    async () => {
		const { page, world, context } = await openPage(browser, site,
		    { secret });

		Object.assign(world.server.refuse, refuse);
		world.server.isUp = !isDown;
		await page.waitForSelector("#name");
		await page.locator("#name").fill("Ada");
		await page.keyboard.press("Enter");
		await say(page, texts.en[`${trouble}Title`]);
		await say(page, texts.en[trouble]);
		assert.equal(await page.evaluate(() => window.konklave.trouble),
		    trouble);
		assert.equal(await page.locator("[role=alert]").count(), 1);
		await assertAccessible(page, trouble);
		await page.getByText("Deutsch").click();
		await say(page, texts.de[`${trouble}Title`]);
		await say(page, texts.de[trouble]);
		await shot(page, `trouble-${trouble}`);
		await context.close();
	});

for (const [hash, trouble] of [["", "noLink"], ["#1.abc", "link-malformed"],
	["#7.a.b", "link-version"]])
	test(`a link that is none: ${trouble}`, async () => {
		const { page, context } = await openPage(browser, site,
		    { hash });

		await say(page, texts.en[`${trouble}Title`]);
		await assertAccessible(page, trouble);
		await shot(page, `trouble-${trouble}`);
		await context.close();
	});

test("a host without settings, and a browser that cannot", async () => {
	const config = site.config;

	site.config = {};
	const first = await openPage(browser, site);
	await say(first.page, texts.en.configTitle);
	site.config = config;
	await first.page.locator("button.primary").click();
	await say(first.page, texts.en.joinTitle);
	await first.context.close();
	const second = await openPage(browser, site, { init: () => {
		delete window.RTCRtpScriptTransform;
	} });
	await say(second.page, texts.en.unsupportedTitle);
	await second.context.close();
});

const deviceErrors = { NotAllowedError: "deviceDenied",
	NotFoundError: "deviceMissing", NotReadableError: "deviceBusy" };

for (const [error, text] of Object.entries(deviceErrors))
	test(`without camera and microphone: ${error}`, async () => {
		const { page, world, context, complaints } = await openPage(
		    browser, site, { init: `navigator.mediaDevices.getUserMedia =
			async () => { throw new DOMException("", "${error}"); }` });

		await world.box("Room 4");
		await say(page, texts.en[text].replace("{what}",
		    texts.en.whatCamera));
		await say(page, texts.en[text].replace("{what}",
		    texts.en.whatMicrophone));
		await say(page, texts.en.listenOnly);
		await assertAccessible(page, error);
		await shot(page, `device-${error}`);
		await joinMeeting(page, "Ada");
		const self = await page.evaluate(() => window.konklave.people
		    .find((p) => p.isSelf));
		assert.equal(self.hasMicrophone, false);
		assert.equal(self.hasCamera, false);
		assert.ok(!world.server.log.some(([, r]) =>
		    r.type === "publish"));
		assert.deepEqual(complaints, []);
		await context.close();
	});

for (const language of ["en", "de"])
	test(`somebody's screen is large and named, and people can be pinned (${
		language})`, async () => {
		const { page, world, context, complaints } = await openPage(
		    browser, site, { locale: language });
		const box = await world.box("Raum 4");
		const fill = (name) => texts[language][name].replace("{name}",
		    "Raum 4");
		const large = page.locator("figure.large");
		const media = (screen) => box.say({ type: "media",
			microphone: true, camera: true, screen });
		/* The last that the forwarder heard of a source. */
		const told = (source) => world.server.log.flatMap(([, r]) =>
		    r.type === "watch" ? r.slots : []).filter((s) =>
		    s.participant && s.source === source).at(-1);

		await joinMeeting(page, "Ada");
		await page.waitForFunction(() => window.konklave.people
		    .every((p) => p.participant));
		for (const source of ["camera", "screen"])
			await box.ask("publish", { source, kind: "video" });
		/* The server's word alone shows nothing. */
		await media(false);
		await page.waitForSelector("li.tile .pin");
		assert.equal(await large.count(), 0);
		await media(true);
		await large.waitFor();
		assert.match(await large.innerText(),
		    new RegExp(fill("screenOf")));
		await say(page, fill("screenCame"));
		await assertAccessible(page, "screen");
		await assertNoOverflow(page, "screen");
		await shot(page, `screen-${language}`);
		assert.equal(told("screen").priority, 1);
		await page.locator("li.tile .pin").click();
		await page.waitForSelector("figure.large .pin");
		assert.equal(await page.locator("figure.large .pin")
		    .getAttribute("aria-label"), fill("pinOff"));
		await assertAccessible(page, "pinned");
		await shot(page, `pinned-${language}`);
		assert.equal(told("camera").priority, 2);
		await page.locator("figure.large .pin").click();
		await page.waitForFunction((text) => document.querySelector(
		    "figure.large")?.innerText.includes(text),
		fill("screenOf"));
		await page.setViewportSize({ width: 360, height: 740 });
		await assertNoOverflow(page, "narrow screen");
		await shot(page, `narrow-screen-${language}`);
		await media(false);
		await large.waitFor({ state: "detached" });
		assert.deepEqual(complaints, []);
		await context.close();
	});

/* Without a display Chromium gives a picture of its own for a screen. */
test("our screen, faked by the browser, ends by the page and by the browser",
    async () => {
	const { page, world, context, complaints } = await openPage(browser,
	    site, { init: `{
		const real = navigator.mediaDevices.getDisplayMedia
		    .bind(navigator.mediaDevices);
		navigator.mediaDevices.getDisplayMedia = async (how) => {
			const stream = await real(how);
			[window.shared] = stream.getVideoTracks();
			return stream;
		};
	}` });
	const own = (is) => page.waitForFunction((want) =>
	    window.konklave.people.find((p) => p.isSelf).hasScreen === want, is);
	const requests = (type) => world.server.log.map(([, r]) => r)
	    .filter((r) => r.type === type && r.source === "screen");

	await world.box("Room 4");
	await joinMeeting(page, "Ada");
	await page.keyboard.press("d");
	await own(true);
	await say(page, texts.en.sharing);
	await assertAccessible(page, "sharing");
	await shot(page, "sharing");
	assert.equal(await page.evaluate(() => window.shared.contentHint),
	    "detail");
	await page.locator(".sharing button").click();
	await own(false);
	assert.equal(await page.evaluate(() => window.shared.readyState),
	    "ended");
	await page.locator("#control-share").click();
	await own(true);
	/* As the browser's own bar ends it. */
	await page.evaluate(() => {
		window.shared.stop();
		window.shared.dispatchEvent(new Event("ended"));
	});
	await own(false);
	await say(page, texts.en.shareEnded);
	while (requests("unpublish").length < requests("publish").length)
		await page.waitForTimeout(50);
	for (const { kind, encodings } of requests("publish")) {
		assert.equal(kind, "video");
		assert.ok(encodings.length <= 2);
	}
	assert.deepEqual(complaints, []);
	await context.close();
});

test("a screen that cannot be had is told, and none chosen is no trouble",
    async () => {
	const { page, world, context } = await openPage(browser, site, {
		init: `navigator.mediaDevices.getDisplayMedia = async () => {
			window.asked = (window.asked ?? 0) + 1;
			throw new DOMException("", window.failure);
		};` });

	await world.box("Room 4");
	await joinMeeting(page, "Ada");
	for (const [failure, isTold] of [["NotReadableError", true],
		["NotAllowedError", false]]) {
		await page.evaluate((name) => {
			window.failure = name;
			window.asked = 0;
		}, failure);
		await page.keyboard.press("d");
		await page.waitForFunction(() => window.asked === 1);
		await page.locator(".state-line p",
		    { hasText: texts.en.shareFailed }).waitFor({ state: isTold ?
			"visible" : "detached" });
	}
	await context.close();
});

test("all screens fit 360 pixels", async () => {
	const { page, world, context } = await openPage(browser, site, {
		viewport: { width: 360, height: 740 }, locale: "de-DE" });

	await page.waitForSelector("video.mirror");
	await assertNoOverflow(page, "join");
	await shot(page, "narrow-join");
	const box = await world.box("Besprechungsraum Nordflügel 4");
	await joinMeeting(page, "Ada Lovelace-Königsberger");
	await page.waitForFunction(() => window.konklave.people.every((p) =>
	    p.participant));
	await box.say({ type: "chat", text: "w".repeat(300) });
	await assertNoOverflow(page, "room");
	await shot(page, "narrow-room");
	for (const key of ["c", "p", "s"]) {
		await page.keyboard.press(key);
		await page.waitForSelector(".panel");
		await assertNoOverflow(page, key);
		await shot(page, `narrow-${key}`);
		await page.keyboard.press("Escape");
	}
	await page.locator(".leave").click();
	await ready(page);
	await assertNoOverflow(page, "left");
	await context.close();
});

test("a link that breaks is told, and mends itself", async () => {
	const { page, world, context } = await openPage(browser, site);

	await world.box("Room 4");
	await joinMeeting(page, "Ada");
	world.server.stop();
	await say(page, texts.en.reconnecting);
	await assertAccessible(page, "reconnecting");
	await shot(page, "reconnecting");
	assert.equal(await page.evaluate(() => window.konklave.phase),
	    "reconnecting");
	world.server.start();
	await page.waitForFunction(() => window.konklave.phase === "in" &&
	    window.konklave.links === 2, null, { timeout: 60_000 });
	await context.close();
});

test("what tests may read is no secret, and cannot be changed", async () => {
	const { page, world, context } = await openPage(browser, site);

	await world.box("Room 4");
	await joinMeeting(page, "Ada");
	const seen = await page.evaluate(() => {
		window.konklave.phase = "x";
		window.konklave.people.length = 0;
		try {
			window.konklave = {};
		} catch { /* in strict mode it says so */ }
		return { state: JSON.stringify(window.konklave),
			html: document.documentElement.outerHTML,
			kept: JSON.stringify({ ...localStorage }) };
	});
	const state = JSON.parse(seen.state);

	assert.equal(state.phase, "in");
	assert.equal(state.people.length, 2);
	for (const secret of [world.secret,
		web.Meeting.open(world.core, world.id, world.secret).token])
		for (const form of ["hex", "base64", "base64url"])
			for (const where of Object.values(seen))
				assert.ok(!where.includes(Buffer.from(secret)
				    .toString(form).replace(/=+$/, "")));
	await context.close();
});

test("who left comes back by the same link", async () => {
	const { page, world, context } = await openPage(browser, site);

	await world.box("Room 4");
	await joinMeeting(page, "Ada");
	await page.locator(".leave").click();
	await page.getByText(texts.en.again).click();
	await page.waitForSelector("video.mirror");
	await joinMeeting(page, "Ada");
	assert.equal(await page.evaluate(() => window.konklave.people.length),
	    2);
	await context.close();
});
