/* lines.test.mjs - the conference's state: telephone lines, hosts, lock, label. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { newCa } from "./ca.mjs";
import { World, certified, load, web } from "./world.mjs";

const { hostSet, labelSet, lineMute, lineRemove, linesAdmit, linesAllow,
	lock } = await load("meeting/lines.js");
const { lineName, lineSince, linesSentence, waitingSentence } =
    await load("page/linewords.js");
const { configRead, labelAllowsLines } = await load("page/config.js");
const { sayIn } = await load("page/texts.js");

const view = (page) => page.session.view;
const linesOf = (page) => view(page).conference.lines;

/* A site with a box that is host, its lines as a member, and a page. */
async function site() {
	const world = await World.make();
	const root = newCa("Site CA", 7);
	const box = await world.box("", certified(world, root, "Room 4"));
	const lines = await world.member("", certified(world, root,
	    "Lines of Room 4"));
	const page = await world.join("Ada", { trust: [root.der] });

	await world.clock.pass(10);
	return { world, root, box, lines, page };
}

/* ... with two lines. */
async function siteWithLines() {
	const all = await site();

	assert.ok(await all.lines.change({ lines: [all.lines.lineOf(1),
		all.lines.lineOf(2)] }));
	await all.world.clock.pass(10);
	return all;
}

const commits = (world) => world.server.log.filter(([, r]) =>
    r.type === "commit").length;

test("a box's lines are shown as its box tells them", async () => {
	const { world, lines, page } = await site();

	assert.deepEqual(linesOf(page), []);
	assert.equal(view(page).conference.isHost, false);
	await lines.change({ lines: [lines.lineOf(1, { label: "+49 30 1234",
		sinceMs: 1700000000000n, transport: "tls" }), lines.lineOf(2, {
		isMuted: true, hasHandUp: true, sinceMs: 2n ** 64n - 1n })] });
	await world.clock.pass(10);
	const [first, second] = linesOf(page);
	assert.deepEqual(first, { key: "1 0100000000000000", leaf: 1,
		id: "0100000000000000", label: "+49 30 1234",
		origin: "exchange",
		since: new Date(1700000000000), transport: "tls",
		isMuted: false, isMutedByHost: false, hasHandUp: false });
	assert.deepEqual([second.isMuted, second.hasHandUp, second.since],
	    [true, true, undefined]);
	await lines.change({ lines: [] });
	await world.clock.pass(10);
	assert.deepEqual(linesOf(page), []);
	assert.equal(view(page).phase, "in");
	world.close();
});

test("lock and label are the host's, and shown", async () => {
	const { world, box, page } = await site();

	await box.change({ isLocked: true, forbidsLines: true,
		label: "Intern" });
	await world.clock.pass(10);
	const { isLocked, forbidsLines, label } = view(page).conference;
	assert.deepEqual([isLocked, forbidsLines, label],
	    [true, true, "Intern"]);
	world.close();
});

test("who comes later has the lines with the welcome", async () => {
	const { world, root, page } = await siteWithLines();
	const late = await world.join("Ben", { trust: [root.der] });

	assert.equal(linesOf(late).length, 2);
	assert.deepEqual(linesOf(late), linesOf(page));
	world.close();
});

test("a box's lines are told by its certificate, not by a name", async () => {
	const { world, root, page } = await site();

	await world.join("Lines of Room 5", { trust: [root.der] });
	await world.clock.pass(10);
	assert.deepEqual(view(page).people.map((p) => [p.name, p.linesOf]), [
		["Room 4", undefined], ["Lines of Room 4", "Room 4"],
		["Ada", undefined], ["Lines of Room 5", undefined]]);
	world.close();
});

const first = (change) => ({ state: { lines } }) => ({ lines:
    lines.map((line, i) => i === 0 ? { ...line, ...change } : line) });
const lies = {
	"a line behind another member": { by: "lines", make: (liar) => ({
		lines: [{ ...liar.lineOf(1), leaf: 0 },
			...liar.state.lines] }) },
	"a line of the host's behind another member": { by: "box",
		make: (liar) => ({ lines: [...liar.state.lines,
			{ ...liar.lineOf(3), leaf: 1 }] }) },
	"another label": { by: "lines", make: first({ label: "Ada" }) },
	"another time": { by: "lines", make: first({ sinceMs: 1n }) },
	"a plain line as a sealed one": { by: "lines",
		make: first({ transport: "plain" }) },
	"the same by a host": { by: "box",
		make: first({ transport: "plain" }) },
	"a hand that the host puts up": { by: "box",
		make: first({ hasHandUp: true }) },
	"a member that makes itself host": { by: "lines",
		make: () => ({ hosts: [0, 1] }) },
	"a number as the exchange's": { by: "lines",
		make: first({ origin: "account" }) },
	"a line that waits where none has to": { by: "lines",
		make: (liar) => ({ lines: [...liar.state.lines,
			liar.lineOf(3, { waits: true })] }) },
	"a line that has to wait again": { by: "box", make: (liar) => ({
		...first({ waits: true })(liar), isLocked: true }) },
	"a lock by who is no host": { by: "lines",
		make: () => ({ isLocked: true }) },
	"a label by who is no host": { by: "lines",
		make: () => ({ label: "Public" }) },
	"a host that leaves none": { by: "box", make: () => ({ hosts: [] }) },
	"lines where they are forbidden": { by: "box",
		make: () => ({ forbidsLines: true }) },
	"a member that goes, and its lines stay": { by: "box",
		make: () => ({}), spec: { removes: [1] } },
};

for (const [what, { by, make, spec }] of Object.entries(lies))
	test(`nobody lies to a page: ${what}`, async () => {
		const all = await siteWithLines();
		const liar = all[by], { page } = all;
		const { length } = page.epochs;

		assert.ok(await liar.change(make(liar), spec));
		await page.session.settled();
		assert.equal(view(page).trouble, "unverified");
		assert.match(view(page).detail, /KK_EDENIED/);
		assert.equal(page.epochs.length, length);
		/* So does who else is there, and still is. */
		const honest = by === "box" ? all.lines : all.box;
		if (!spec)
			await all.world.settle();
		assert.deepEqual(honest.refused, spec ? [] : ["KK_EDENIED"]);
		all.world.close();
	});

test("a hidden line: its member alone, or a host, takes it out", async () => {
	const { world, root, page } = await siteWithLines();
	const other = await world.member("", certified(world, root, "Room 7"));

	await world.clock.pass(10);
	assert.equal(view(page).phase, "in");
	await other.change({ lines: [] });
	await page.session.settled();
	assert.equal(view(page).trouble, "unverified");
	world.close();
});

/* The state with another version in it: nobody's core writes that. */
function unreadable(box) {
	const good = web.conferenceExtensions(box.group, box.state);
	const bad = good.slice();

	assert.deepEqual([...good.slice(0, 2)], [0xff, 0x4b]);
	bad[good[2] < 0x40 ? 3 : 4] = 9;
	return bad;
}

test("a state that cannot be read ends the visit", async () => {
	const { world, box, page } = await site();

	assert.ok(await box.commit({ extensions: unreadable(box) }));
	await page.session.settled();
	assert.equal(view(page).trouble, "unverified");
	assert.match(view(page).detail, /KK_EUNSUP/);
	world.close();
});

test("nobody joins a meeting whose state cannot be read", async () => {
	const world = await World.make();
	const box = await world.box();

	await box.commit({ extensions: unreadable(box) });
	box.isAuto = false;
	const page = world.page("Ada");
	await world.clock.pass(100);
	await box.commit({ adds: [box.keyPackages.get(
	    view(page).participant)] }, [view(page).participant]);
	await world.clock.pass(100);
	assert.equal(view(page).trouble, "unverified");
	assert.equal(page.epochs.length, 0);
});

test("a member that leaves goes with its lines and its role", async () => {
	const { world, box, lines, page } = await siteWithLines();
	const { code } = view(page);

	await box.change({ hosts: [0, 1] });
	box.isAuto = false; /* the page does it */
	lines.socket.close();
	await world.clock.until(() => view(page).people.length === 2, 5000);
	assert.deepEqual(linesOf(page), []);
	assert.deepEqual(box.state.hosts, [0]);
	assert.deepEqual(box.state.lines, []);
	assert.equal(view(page).code, web.securityCode(box.group));
	assert.notEqual(view(page).code, code);
	world.close();
});

test("a page that adds and rotates keeps the state", async () => {
	const { world, root, box, page } = await siteWithLines();

	box.isAuto = false;
	await world.join("Ben", { trust: [root.der] });
	await world.clock.pass(120_000);
	assert.equal(box.state.lines.length, 2);
	assert.deepEqual(box.state.hosts, [0]);
	assert.equal(view(page).phase, "in");
	assert.equal(linesOf(page).length, 2);
	world.close();
});

/* A page that a host has made one too. */
async function hostPage() {
	const all = await siteWithLines();

	await all.box.change({ hosts: [0, 2] });
	await all.world.clock.pass(10);
	assert.equal(view(all.page).conference.isHost, true);
	return all;
}

test("a host's page mutes, removes, forbids and locks", async () => {
	const { world, box, page } = await hostPage();
	const [one, two] = linesOf(page);
	const wish = async (what) => {
		page.session.wish(what);
		await world.clock.pass(10);
	};

	await wish(lineMute(one, true));
	assert.deepEqual(box.state.lines.map((l) => l.isMutedByHost),
	    [true, false]);
	await wish(lineMute(one, false));
	assert.deepEqual(box.state.lines.map((l) => l.isMutedByHost),
	    [false, false]);
	await wish(lineRemove(two));
	assert.deepEqual(box.state.lines.map((l) => l.id), [one.id]);
	await wish(lock(true));
	assert.equal(box.state.isLocked, true);
	await wish(linesAllow(false));
	assert.deepEqual([box.state.forbidsLines, box.state.lines], [true, []]);
	await wish(linesAllow(true));
	assert.equal(box.state.forbidsLines, false);
	assert.equal(view(page).code, web.securityCode(box.group));
	world.close();
});

/* ... that is locked, with a third line that waits. */
async function lockedPage() {
	const all = await hostPage();
	const { world, box, lines } = all;

	await box.change({ isLocked: true });
	assert.ok(await lines.change({ lines: [...lines.state.lines,
		lines.lineOf(3, { waits: true })] }));
	await world.clock.pass(10);
	return all;
}

test("who waits is shown apart, and a host's page decides", async () => {
	const { world, box, lines, page } = await lockedPage();
	const waiting = () => view(page).conference.waiting;
	const third = waiting()[0];
	const wish = async (what) => {
		page.session.wish(what);
		await world.clock.pass(10);
	};

	assert.deepEqual([linesOf(page).length, waiting().length], [2, 1]);
	assert.equal(third.id, "0300000000000000");
	await wish(linesAdmit([third]));
	assert.deepEqual([linesOf(page).length, waiting().length], [3, 0]);
	await lines.change({ lines: [...lines.state.lines,
		lines.lineOf(4, { waits: true })] });
	await world.clock.pass(10);
	await wish(lineRemove(waiting()[0]));
	assert.deepEqual([linesOf(page).length, waiting().length], [3, 0]);
	for (const n of [5, 6])
		await lines.change({ lines: [...lines.state.lines,
			lines.lineOf(n, { waits: true })] });
	await world.clock.pass(10);
	await wish(lock(false));
	assert.deepEqual([linesOf(page).length, waiting().length], [5, 0]);
	assert.equal(box.state.isLocked, false);
	world.close();
});

test("nobody lies to a page: a line that its own box lets in", async () => {
	const { world, box, lines, page } = await lockedPage();

	assert.ok(await lines.change({ lines: lines.state.lines.map((line) =>
	    ({ ...line, waits: false })) }));
	await world.settle();
	assert.equal(view(page).trouble, "unverified");
	assert.match(view(page).detail, /KK_EDENIED/);
	assert.deepEqual(box.refused, ["KK_EDENIED"]);
	world.close();
});

test("nobody lies to a page: a line that does not wait at a lock",
    async () => {
	const { world, lines, page } = await lockedPage();

	assert.ok(await lines.change({ lines: [...lines.state.lines,
		lines.lineOf(4)] }));
	await world.settle();
	assert.equal(view(page).trouble, "unverified");
	world.close();
});

test("a host's page makes others hosts, and keeps the last one", async () => {
	const { world, box, page } = await hostPage();
	const wish = async (leaf, isHost) => {
		page.session.wishOf(leaf, hostSet(leaf, isHost));
		await world.clock.pass(10);
		return box.state.hosts;
	};

	assert.deepEqual(view(page).conference.hosts, [0, 2]);
	assert.deepEqual(await wish(0, false), [2]);
	assert.deepEqual(await wish(2, false), [2]); /* the last one */
	assert.deepEqual(await wish(0, true), [0, 2]);
	assert.deepEqual(await wish(77, true), [0, 2]); /* nobody */
	assert.equal(view(page).phase, "in");
	world.close();
});

test("who gets the leaf of one that was to be host is none", async () => {
	const { world, root, box, page } = await hostPage();
	await world.join("Ben", { trust: [root.der] });
	await world.clock.pass(10);
	const { leaf } = view(page).people.find((p) => p.name === "Ben");
	/* The wish waits while Ben has to come anew, into the same place. */
	world.server.slowRequests.add("commit");
	page.session.wishOf(leaf, hostSet(leaf, true));
	await world.clock.pass(10);
	world.server.slowRequests.clear();
	assert.ok(await box.commit({ removes: [leaf] }));
	await world.clock.until(() => box.group.member(leaf) !== null, 900);
	world.server.release();
	await world.clock.pass(5000);
	assert.equal(view(page).people.find((p) => p.name === "Ben")?.leaf,
	    leaf);
	assert.deepEqual(box.state.hosts, [0, 2]);
	world.close();
});

test("a label that allows no lines ends them in the same commit", async () => {
	const { world, box, page } = await hostPage();
	const before = commits(world);

	page.session.wish(labelSet("Intern", true));
	await world.clock.pass(10);
	assert.deepEqual([box.state.label, box.state.lines.length],
	    ["Intern", 2]);
	page.session.wish(labelSet("Geheim", false));
	await world.clock.pass(10);
	assert.deepEqual([box.state.label, box.state.lines,
		box.state.forbidsLines], ["Geheim", [], true]);
	assert.equal(commits(world), before + 2);
	world.close();
});

test("the site's labels, and which of them allow lines", () => {
	const config = (labels) => configRead({ signal: { loopbackPort: 1 },
		labels }, { protocol: "http:", hostname: "localhost" }).labels;
	const labels = config([{ text: "Intern", lines: true },
		{ text: "Geheim", lines: false }, { text: "Offen" }, { text: "" },
		{ text: "x".repeat(65) }, { text: "a\nb" }, null, 7]);

	assert.deepEqual(labels.map((l) => [l.text, l.lines]),
	    [["Intern", true], ["Geheim", false], ["Offen", false]]);
	assert.deepEqual(config(undefined), []);
	assert.deepEqual(config("Intern"), []);
	for (const [text, allows] of [["", true], ["Intern", true],
		["Geheim", false], ["Another", false]])
		assert.equal(labelAllowsLines(labels, text), allows, text);
	assert.equal(labelAllowsLines([], "Another"), true);
});

test("a label that only the caller says is told as that", () => {
	const name = (label, origin, language = "en") =>
	    lineName(sayIn(language), { label, origin });
	const waits = (...labels) => waitingSentence(sayIn("de"), "de",
	    labels.map((label) => ({ label, origin: "exchange" })));

	assert.equal(name("+49 30 12", "exchange"), "+49 30 12");
	assert.equal(name("anna", "account"), "anna");
	assert.equal(name("The Boss", "caller"),
	    "unverified “\u2068The Boss\u2069”");
	assert.equal(name("Chef", "caller", "de"),
	    "ungeprüft „\u2068Chef\u2069“");
	assert.equal(name("", "caller"), "unknown number");
	assert.equal(waits(), undefined);
	assert.equal(waits("12"), "1 Anruf wartet auf Einlass: 12");
	assert.equal(waits("1", "2", "3"),
	    "3 Anrufe warten auf Einlass: 1, 2 und 3");
	assert.equal(waits("1", "2", "3", "4", "5"),
	    "5 Anrufe warten auf Einlass: 1, 2, 3 und 2 weitere");
});

test("a wish whose commit came too late is committed again", async () => {
	const { world, box, lines, page } = await hostPage();
	const [one] = linesOf(page);

	world.server.slowRequests.add("commit");
	page.session.wish(lineMute(one, true));
	await world.clock.pass(10);
	assert.equal(world.server.held.length, 1);
	world.server.slowRequests.clear();
	/* The other line's hand comes first. */
	assert.ok(await lines.change(first({ hasHandUp: true })(lines)));
	world.server.release();
	await world.clock.pass(2000);
	const [now] = box.state.lines;
	assert.deepEqual([now.isMutedByHost, now.hasHandUp], [true, true]);
	assert.equal(linesOf(page)[0].isMutedByHost, true);
	world.close();
});

test("of wishes that contradict each other the last counts", async () => {
	const { world, box, page } = await hostPage();

	for (const is of [true, false, true])
		page.session.wish(lock(is));
	await world.clock.pass(10);
	assert.equal(box.state.isLocked, true);
	const before = commits(world);
	for (const is of [false, true])
		page.session.wish(lock(is));
	await world.clock.pass(10);
	assert.equal(box.state.isLocked, true);
	assert.ok(commits(world) <= before + 2);
	world.close();
});

test("who is no host wishes in vain, and nothing is sent", async () => {
	const { world, page } = await siteWithLines();
	const before = commits(world);

	page.session.wish(lineRemove(linesOf(page)[0]));
	page.session.wish(lock(true));
	await world.clock.pass(5000);
	assert.equal(commits(world), before);
	assert.equal(linesOf(page).length, 2);
	assert.equal(view(page).phase, "in");
	world.close();
});

test("a wish that the server never takes is given up", async () => {
	const { world, box, page } = await hostPage();
	const before = commits(world);

	world.server.refuse.commit = ["internal"];
	page.session.wish(lock(true));
	await world.clock.pass(11_000);
	const tried = commits(world);
	assert.ok(tried > before + 2 && tried < before + 20, String(tried));
	delete world.server.refuse.commit;
	await world.clock.pass(5000);
	assert.equal(commits(world), tried);
	assert.equal(box.state.isLocked, false);
	world.close();
});

const sentence = (language, leaves, people) => linesSentence(sayIn(language),
    language, leaves.map((leaf) => ({ leaf })), people.map(
    ([name, linesOf, verified = true], leaf) => ({ leaf, name, linesOf,
	verified })));

test("one line, several, and of several boxes, in plain words", () => {
	const rooms = [["Room 4"], ["Lines of Room 4", "Room 4"],
		["Lines of Room 5", "Room 5"], ["Ada", undefined, false],
		["Room 6"]];

	assert.equal(sentence("en", [], rooms), undefined);
	assert.equal(sentence("en", [1], rooms),
	    "1 telephone line, unprotected beyond Room 4");
	assert.equal(sentence("en", [1, 1], rooms),
	    "2 telephone lines, unprotected beyond Room 4");
	assert.equal(sentence("en", [1, 2, 2], rooms),
	    "3 telephone lines, unprotected beyond Room 4 and Room 5");
	assert.equal(sentence("de", [1], rooms),
	    "1 Telefonleitung, ungeschützt hinter Room 4");
	assert.equal(sentence("de", [1, 2, 3], rooms),
	    "3 Telefonleitungen, ungeschützt hinter Room 4, Room 5 und " +
	    "Ada (Gast)");
	/* A box and its lines are one place. */
	assert.equal(sentence("en", [0, 1], rooms),
	    "2 telephone lines, unprotected beyond Room 4");
	assert.equal(sentence("de", [1, 2, 3, 4, 9], rooms),
	    "5 Telefonleitungen, ungeschützt hinter Room 4, Room 5, " +
	    "Ada (Gast) und 2 weiteren");
});

test("a time is today's, another day's, or none", () => {
	const since = (at, now) => lineSince(sayIn("de"), "de", { since: at },
	    now);

	assert.equal(since(new Date(2026, 10, 22, 9, 5),
	    new Date(2026, 10, 22, 23, 0)), "seit 09:05");
	assert.equal(since(new Date(2026, 10, 21, 23, 59),
	    new Date(2026, 10, 22, 0, 1)), "seit 21. Nov., 23:59");
	assert.equal(since(undefined, new Date()), "");
});
