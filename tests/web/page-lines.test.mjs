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
/* What the page has decided: it may be ahead of the box. */
const taken = (box) => box.world.settle();

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

for (const [locale, scheme] of [["de-DE", "light"], ["en-GB", "dark"]])
	test(`a host's page lets callers in one by one (${locale}, ${scheme})`,
	    async () => {
		site.config.labels = [{ text: "Intern", lines: true },
			{ text: "Geheim", lines: false }];
		const { page, box, lines, context, complaints } =
		    await visit({ locale, scheme });
		const words = texts[locale.slice(0, 2)];
		const claimed = fill(words.lineClaimed,
		    { name: "\u2068Dr. Mabuse\u2069" });
		const press = (name) => page.getByRole("button",
		    { name, exact: true }).click();
		const told = page.locator("[data-testid=waiting]");
		const waits = (count) => page.waitForFunction((n) =>
		    window.konklave.conference.waiting.length === n, count);
		const arrive = (...more) => lines.change({ lines:
		    [...lines.state.lines, ...more] });

		await box.change({ hosts: [0, 2], isLocked: true });
		await arrive(lines.lineOf(1, { waits: true, origin: "caller",
			label: "Dr. Mabuse" }));
		await waits(1);
		await say(page, fill(words.waitOne, { names: claimed }));
		assert.equal(await mark(page).count(), 0); /* it is not in */
		assert.equal(await page.locator("li.tile.lines").count(), 0);
		await assertAccessible(page, "waiting");
		await assertNoOverflow(page, "waiting");
		await shot(page, `waiting-${locale}-${scheme}`);
		await press(fill(words.lineDo, { what: words.lineAdmit,
			name: claimed }));
		await waits(0);
		await say(page, fill(words.callerCame, { name: claimed }));
		await taken(box);
		assert.equal(box.state.lines[0].waits, false);
		await mark(page).waitFor();
		await arrive(lines.lineOf(2, { waits: true }), lines.lineOf(3,
		    { waits: true }), lines.lineOf(4, { waits: true }));
		await waits(3);
		await press(words.waitShow);
		await page.waitForSelector(".waiting-list");
		await assertAccessible(page, "waiting panel");
		await assertNoOverflow(page, "waiting panel");
		await shot(page, `waiting-panel-${locale}-${scheme}`);
		await page.locator(".waiting-list").getByRole("button", { name:
		    fill(words.lineDo, { what: words.lineRefuse,
			name: "+49 30 5553" }) }).click();
		await waits(2);
		await told.getByRole("button", { name: words.lineAdmitAll })
		    .click();
		await waits(0);
		await taken(box);
		assert.deepEqual(box.state.lines.map((l) => [l.label, l.waits]),
		    [["Dr. Mabuse", false], ["+49 30 5552", false],
			["+49 30 5554", false]]);
		/* Who is host, and the label. */
		await press(fill(words.hostTake, { name: "Raum 4" }));
		await page.waitForFunction(() =>
		    window.konklave.conference.hosts.length === 1);
		assert.ok(await page.getByRole("button", { name:
		    fill(words.hostTake, { name: "Ada" }) }).isDisabled());
		await press(fill(words.hostMake, { name: "Raum 4" }));
		await page.waitForFunction(() =>
		    window.konklave.conference.hosts.length === 2);
		await page.selectOption("#host-label", "Intern");
		await page.waitForSelector(".mark.label");
		await taken(box);
		assert.equal(box.state.lines.length, 3);
		await page.selectOption("#host-label", "Geheim");
		await held(page, 0);
		await taken(box);
		assert.deepEqual([box.state.label, box.state.forbidsLines],
		    ["Geheim", true]);
		await say(page, words.labelNoLinesHint);
		assert.equal(await page.locator("#host-lines").count(), 0);
		await assertAccessible(page, "label");
		await shot(page, `label-${locale}-${scheme}`);
		await page.selectOption("#host-label", "");
		await page.locator("#host-lines").click();
		await page.waitForFunction(() =>
		    !window.konklave.conference.forbidsLines);
		assert.deepEqual(complaints, []);
		delete site.config.labels;
		await context.close();
	});

test("who is no host sees who waits, and has nothing to decide", async () => {
	const { page, box, lines, context } = await visit({
		viewport: { width: 330, height: 640 }, locale: "de-DE" });

	await box.change({ isLocked: true });
	await lines.change({ lines: [lines.lineOf(1, { waits: true }),
		lines.lineOf(2, { waits: true, origin: "caller",
			label: "Dr. Erika Mustermann-Königsberger, Außenstelle" })] });
	await page.locator("[data-testid=waiting]").waitFor();
	assert.equal(await page.locator("[data-testid=waiting] button").count(),
	    0);
	await assertNoOverflow(page, "waiting, narrow");
	await assertAccessible(page, "waiting, narrow");
	await shot(page, "waiting-narrow");
	await context.close();
});

test("a host writes a label where the site has none", async () => {
	const { page, box, context } = await visit({});

	await box.change({ hosts: [0, 2] });
	await page.keyboard.press("p");
	await page.locator("#host-label").fill("Board only");
	await page.keyboard.press("Enter");
	await page.waitForSelector(".mark.label");
	await taken(box);
	assert.deepEqual([box.state.label, box.state.forbidsLines],
	    ["Board only", false]);
	await context.close();
});
