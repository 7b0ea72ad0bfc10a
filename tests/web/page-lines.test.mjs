/* page-lines.test.mjs - telephone lines on the built page, in Chromium. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { newCa } from "./ca.mjs";
import { Site, assertAccessible, assertNoOverflow, joinMeeting, launch,
	openPage, say, shot } from "./browser.mjs";
import { certified, load } from "./world.mjs";

const { texts } = await load("page/texts.js");
const root = newCa("Site CA", 7);
const site = new Site();
let browser;

before(async () => {
	site.config.trust = `-----BEGIN CERTIFICATE-----\n${
		root.der.toString("base64").replace(/.{64}/g, "$&\n")
	}\n-----END CERTIFICATE-----\n`;
	await site.start();
	browser = await launch();
});
after(async () => {
	await browser.close();
	site.stop();
});

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) =>
    values[key]);

/* A room, its lines without a call, and Ada's page. */
async function visit(options) {
	const opened = await openPage(browser, site, options);
	const { page, world } = opened;
	const box = await world.box("", certified(world, root, "Raum 4"));
	const lines = await world.member("", certified(world, root,
	    "Lines of Raum 4"));

	await joinMeeting(page, "Ada");
	await page.waitForFunction(() => window.konklave.people.every((p) =>
	    p.participant));
	return { ...opened, box, lines };
}

const mark = (page) => page.locator("[data-testid=lines]");
const held = (page, count) => page.waitForFunction((n) =>
    window.konklave.conference.lines.length === n, count);

for (const [locale, scheme] of [["de-DE", "light"], ["en-GB", "dark"]])
	test(`lines are told as long as there is one (${locale}, ${scheme})`,
	    async () => {
		const { page, box, lines, context, complaints } = await visit(
		    { locale, scheme });
		const words = texts[locale.slice(0, 2)];
		const tiles = page.locator("li.tile");

		assert.equal(await tiles.count(), 2);
		assert.equal(await mark(page).count(), 0);
		/* It stands there for some seconds. */
		const came = page.waitForFunction((text) => document
		    .querySelector("[role=status] .callers")?.innerText
		    .includes(text), fill(words.callerCame,
		    { name: "+49 30 5551" }));
		await lines.change({ lines: [lines.lineOf(1)] });
		await came;
		await say(page, fill(words.linesOne, { where: "Raum 4" }));
		await lines.change({ lines: [lines.lineOf(1), lines.lineOf(2, {
			label: "", transport: "plain", isMuted: true,
			hasHandUp: true, sinceMs: BigInt(Date.now()) })] });
		await say(page, fill(words.linesMany, { n: 2,
			where: "Raum 4" }));
		assert.equal(await tiles.count(), 3);
		const tile = page.locator("li.tile.lines");
		assert.match(await tile.innerText(), new RegExp(
		    fill(words.linesOf, { name: "Raum 4" })));
		assert.equal(await tile.locator("video").count(), 0);
		await lines.say({ type: "speaking", speaking: true });
		await page.waitForSelector("li.tile.lines.speaking");
		await assertAccessible(page, "lines");
		await assertNoOverflow(page, "lines");
		await shot(page, `lines-${locale}-${scheme}`);
		await box.change({ isLocked: true, label: "VS-NfD" });
		await page.waitForSelector(".mark.locked");
		await page.keyboard.press("p");
		const panel = page.locator(".panel.people");
		for (const text of ["+49 30 5551", words.lineUnknown,
			words["line-srtp"], words["line-plain"], words.muted,
			words.lineHand, words.locked, "VS-NfD"])
			await say(page, text);
		/* Its own time zone's time. */
		const time = await page.evaluate((language) =>
		    new Intl.DateTimeFormat(language, { hour: "2-digit",
			minute: "2-digit", day: "numeric", month: "short" })
		    .format(new Date(1700000000000)), locale.slice(0, 2));
		await say(page, fill(words.lineSince, { time }));
		assert.match(await panel.locator("h2").innerText(), /\(2\)/);
		/* Who is no host has nothing to decide. */
		assert.equal(await panel.locator("button").count(), 1);
		await assertAccessible(page, "lines' panel");
		await shot(page, `lines-panel-${locale}-${scheme}`);
		for (const key of ["c", "s", "Escape"]) {
			await page.keyboard.press(key);
			assert.ok(await mark(page).isVisible(), key);
		}
		const went = say(page, fill(words.callerWent,
		    { name: "+49 30 5551" }));
		await lines.change({ lines: [lines.lineOf(2, lines.state
		    .lines[1])] });
		await went;
		await say(page, fill(words.linesOne, { where: "Raum 4" }));
		await lines.change({ lines: [] });
		await mark(page).waitFor({ state: "detached" });
		assert.equal(await tiles.count(), 2);
		assert.deepEqual(complaints, []);
		await context.close();
	});

test("the mark stays at 330 pixels, over every panel", async () => {
	const { page, world, box, lines, context } = await visit({
		viewport: { width: 330, height: 640 }, locale: "de-DE" });
	const other = await world.member("", certified(world, root,
	    "Lines of Besprechungsraum Nordflügel 17"));

	await lines.change({ lines: [lines.lineOf(1), lines.lineOf(2)] });
	await other.change({ lines: [...lines.state.lines, other.lineOf(3,
	    { label: "Dr. Erika Mustermann-Königsberger, Außenstelle" })] });
	await box.change({ hosts: [0, 2], label: "Nur für den Dienstgebrauch" });
	await held(page, 3);
	const sentence = fill(texts.de.linesMany, { n: 3, where:
		"Raum 4 und Besprechungsraum Nordflügel 17" });
	await say(page, sentence);
	await assertNoOverflow(page, "room");
	await assertAccessible(page, "narrow room");
	await shot(page, "lines-narrow");
	for (const key of ["p", "c", "s"]) {
		await page.keyboard.press(key);
		await page.waitForSelector(".panel");
		await assertNoOverflow(page, key);
		await assertAccessible(page, `narrow ${key}`);
		await shot(page, `lines-narrow-${key}`);
		/* Nothing lies over it. */
		assert.equal(await page.evaluate(() => {
			const mark = document.querySelector(
			    "[data-testid=lines]");
			const box = mark.getBoundingClientRect();
			const [x, y] = [box.x + box.width / 2,
				box.y + box.height / 2];

			return mark.contains(document.elementFromPoint(x, y));
		}), true, key);
		await page.keyboard.press("Escape");
	}
	await context.close();
});

test("who comes to a meeting with lines is told at once", async () => {
	const { page, world, context } = await openPage(browser, site);
	const box = await world.box("Raum 4");
	const sentence = fill(texts.en.linesOne, { where: "Raum 4 (guest)" });

	await box.change({ lines: [box.lineOf(1)] });
	await joinMeeting(page, "Ada");
	await say(page, sentence);
	await page.locator("p.hidden[role=status]", { hasText: sentence })
	    .waitFor({ state: "attached" });
	/* Nobody has called just now. */
	assert.equal(await page.locator(".callers").count(), 0);
	await context.close();
});

test("a host's page mutes and ends calls, locks and forbids", async () => {
	const { page, box, lines, context, complaints } = await visit({});
	const { en } = texts;
	const press = (name) => page.getByRole("button", { name }).click();
	const until = async (is) => {
		while (!is(box.state))
			await page.waitForTimeout(50);
	};

	await lines.change({ lines: [lines.lineOf(1), lines.lineOf(2)] });
	await box.change({ hosts: [0, 2] });
	await page.keyboard.press("p");
	await page.waitForSelector(".line-controls");
	await assertAccessible(page, "host");
	await shot(page, "lines-host");
	await press(fill(en.lineMute, { name: "+49 30 5551" }));
	await until((state) => state.lines[0].isMutedByHost);
	await say(page, en.lineMutedByHost);
	await press(fill(en.lineUnmute, { name: "+49 30 5551" }));
	await until((state) => !state.lines[0].isMutedByHost);
	await press(fill(en.lineRemove, { name: "+49 30 5551" }));
	await until((state) => state.lines.length === 1);
	await press(en.lockOn);
	await until((state) => state.isLocked);
	await press(en.lockOff);
	await until((state) => !state.isLocked);
	await press(en.linesForbid);
	await until((state) => state.forbidsLines);
	assert.deepEqual(box.state.lines, []);
	await say(page, en.linesForbidden);
	await press(en.linesAllow);
	await until((state) => !state.forbidsLines);
	assert.deepEqual(complaints, []);
	await context.close();
});
