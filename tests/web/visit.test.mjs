/* visit.test.mjs - a visit to a meeting: the door, certificates, media, words. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { newCa } from "./ca.mjs";
import { World, agree, b64, certified, web } from "./world.mjs";

const view = (page) => page.session.view;

test("a wrong secret is told, and the meeting goes on", async () => {
	const world = await World.make();
	await world.box();
	const a = await world.join("a");
	const wrong = world.page("wrong", { secret: new Uint8Array(16) });

	await world.clock.pass(1000);
	assert.equal(view(wrong).phase, "ended");
	assert.equal(view(wrong).trouble, "denied");
	assert.equal(view(a).phase, "in");
	world.close();
});

for (const [code, trouble, fields] of [
	["unknown-meeting", "unknown-meeting"], ["full", "full"],
	["denied", "denied"], ["format", "refused"], ["internal", "refused"]])
	test(`the server's "${code}" at the door is told`, async () => {
		const world = await World.make();

		world.server.refuse.enter = [code, fields];
		const page = world.page("a");
		await world.clock.pass(500);
		assert.equal(view(page).phase, "ended");
		assert.equal(view(page).trouble, trouble);
	});

test("another version of the protocol is told", async () => {
	const world = await World.make();

	world.server.version = 2;
	const page = world.page("a");
	await world.clock.pass(500);
	assert.equal(view(page).trouble, "version");
});

test("a busy server is asked again", async () => {
	const world = await World.make();

	await world.box();
	world.server.refuse.enter = ["busy", { retryMs: 100 }];
	const page = world.page("a");
	await world.clock.pass(300);
	assert.equal(view(page).phase, "connecting");
	delete world.server.refuse.enter;
	await world.clock.until(() => view(page).phase === "in", 10_000);
	world.close();
});

test("a server that is not there is told after some tries", async () => {
	const world = await World.make();

	world.server.stop();
	const page = world.page("a");
	await world.clock.pass(10_000);
	assert.equal(view(page).trouble, "unreachable");
});

test("a box with the site's certificate is verified by name", async () => {
	const world = await World.make();
	const root = newCa("Site CA", 7);
	const box = await world.box("", certified(world, root, "Room 4"));
	const page = await world.join("Ada", { trust: [root.der] });

	await world.clock.pass(10);
	assert.deepEqual(view(page).people.map((p) => [p.name, p.verified]),
	    [["Room 4", true], ["Ada", false]]);
	assert.ok(box);
	world.close();
});

for (const [what, trust] of [["no CA", () => []],
	["another CA", () => [newCa("Other CA", 7).der]]])
	test(`a certificate is not believed where the page has ${what}`,
	    async () => {
		const world = await World.make();
		const root = newCa("Site CA", 7);

		await world.box("", certified(world, root, "Room 4"));
		const page = world.page("Ada", { trust: trust() });
		await world.clock.pass(1000);
		assert.equal(view(page).phase, "ended");
		assert.equal(view(page).trouble, "foreign");
		assert.equal(page.epochs.length, 0);
	});

test("a certificate that has run out is not believed", async () => {
	const world = await World.make();
	const root = newCa("Site CA", 7);
	const until = Math.floor(Date.now() / 1000) + 2;
	const box = await world.box("", certified(world, root, "Room 4",
	    { until }));

	/* It runs out while the box's commit is on its way. */
	world.server.slowRequests.add("commit");
	const page = world.page("Ada", { trust: [root.der] });
	while (world.server.held.length === 0 || Date.now() / 1000 <= until + 1)
		await new Promise((done) => setTimeout(done, 50));
	world.server.release();
	world.server.slowRequests.clear();
	world.server.release();
	await box.queue;
	await world.clock.pass(100);
	assert.equal(view(page).trouble, "expired");
	assert.equal(page.epochs.length, 0);
});

test("chat, media and speaking reach the others, sealed", async () => {
	const world = await World.make();
	const box = await world.box();
	const [a, b] = [await world.join("a"), await world.join("b")];

	await world.clock.until(() => agree(a, b), 2000);
	a.session.chat("a word in the ear");
	a.session.send("microphone", null, true);
	a.session.speaking(true);
	await world.clock.pass(10);
	assert.deepEqual(view(b).chat.map((m) => [m.name, m.text, m.isSelf]),
	    [["a", "a word in the ear", false]]);
	assert.equal(view(a).chat[0].isSelf, true);
	const seen = view(b).people.find((p) => p.name === "a");
	assert.equal(seen.hasMicrophone, true);
	assert.equal(seen.isSpeaking, true);
	assert.ok(box.heard.some(([leaf, w]) => leaf === 1 &&
	    w.text === "a word in the ear"));
	const wire = JSON.stringify(world.server.log);
	for (const plain of ["a word in the ear", "speaking", "microphone"])
		assert.ok(!wire.includes(plain) &&
		    !wire.includes(b64(plain).replace(/=+$/, "")));
	/* A newcomer is told how things stand. */
	const c = await world.join("c");
	await world.clock.pass(500);
	assert.equal(view(c).people.find((p) => p.name === "a").hasMicrophone,
	    true);
	world.close();
});

test("slots show members whose leaf is known, and nobody else's", async () => {
	const world = await World.make();
	const box = await world.box();
	const [a, b] = [await world.join("a"), await world.join("b")];
	const track = { id: "camera" };

	await world.clock.until(() => agree(a, b), 2000);
	b.session.send("camera", track, true);
	await world.clock.pass(100);
	const shown = [...a.shown].filter(([, s]) => s.kind === "video");
	assert.equal(shown.length, 1);
	assert.equal(shown[0][1].participant, view(b).participant);
	assert.deepEqual(a.expects.get(shown[0][0]), { leaf: 2, stream: 1 });
	const [link] = [...world.server.links].filter((l) =>
	    l.participant === view(a).participant);
	assert.deepEqual(link.watches.get(shown[0][0]), { participant:
	    view(b).participant, source: "camera" });
	/* Published, but of no member: not shown. */
	const [other] = [...world.server.links].filter((l) =>
	    l.participant === box.participant);
	other.others({ type: "published", participant: "AAAAAAAAAAAAAAAAAAAAAA==",
		source: "camera", kind: "video" });
	await world.clock.pass(100);
	assert.equal([...a.shown].length, 1);
	b.session.leave();
	await world.clock.pass(2000);
	assert.equal([...a.shown].length, 0);
	assert.equal(a.expects.get(shown[0][0]), null);
	world.close();
});

test("media are told which sizes anybody draws", async () => {
	const world = await World.make();

	await world.box();
	const a = await world.join("a");
	const [link] = [...world.server.links].filter((l) =>
	    l.participant === view(a).participant);

	await world.clock.pass(100);
	link.tell({ type: "wanted", source: "camera", encodings: 2 });
	await world.clock.pass(10);
	assert.deepEqual(a.wants, [["camera", 2]]);
	world.close();
});

/* A page with two slots of sound, and a box and three others with microphones. */
async function many(allowsLevels) {
	const world = await World.make();
	const told = [];

	world.server.allowsLevels = allowsLevels;
	await world.box();
	const pages = [];
	for (const name of "abcd")
		pages.push(await world.join(name, name === "a" ? {
			startMedia: async (ask, _, tellsLevel) => {
				told.push(tellsLevel);
				return { slots: (await ask("slots", { audio: 2,
					video: 2 })).slots, close() {}, want() {},
					async sendTrack() {} };
			} } : {}));
	const [a, ...others] = pages;
	await world.clock.until(() => agree(...pages), 5000);
	for (const page of others)
		page.session.send("microphone", { id: page.name }, true);
	await world.clock.pass(100);
	const link = [...world.server.links].find((l) =>
	    l.participant === view(a).participant);
	const heard = () => [0, 1].map((slot) => {
		const s = a.shown.get(slot);

		return s && others.find((p) =>
		    view(p).participant === s.participant)?.name;
	}).join("");

	return { world, a, others, link, told, heard };
}

test("where levels are allowed the forwarder fills the slots of sound", async () => {
	const { world, a, others, link, told, heard } = await many(true);
	const [b, , d] = others.map((p) => view(p).participant);

	assert.deepEqual(told, [true]);
	assert.deepEqual([...link.watches].filter(([slot]) => slot < 2),
	    [[0, { loudest: true }], [1, { loudest: true }]]);
	assert.equal(heard(), "bc"); /* whoever was in it */
	link.tell({ type: "loudest", slots: [{ slot: 1, participant: d },
		{ slot: 2, participant: b } /* of pictures */] });
	await world.clock.pass(10);
	assert.equal(heard(), "bd");
	assert.deepEqual(a.expects.get(1), { leaf: 4, stream: 0 });
	assert.equal(a.expects.get(2), null);
	link.tell({ type: "loudest", slots: [{ slot: 1, participant: null }] });
	await world.clock.pass(10);
	assert.equal(a.expects.get(1), null);
	/* What makes no sense changes nothing. */
	for (const slots of [undefined, "all", [null, 1, {}, { slot: 1 },
		{ slot: 1, participant: 7 }, { slot: 99, participant: d }]])
		link.tell({ type: "loudest", slots });
	await world.clock.pass(10);
	assert.equal(view(a).phase, "in");
	assert.equal(heard(), "b");
	/* Who is loudest is not for members' words to say. */
	const before = link.watches.size;
	others[2].session.speaking(true);
	await world.clock.pass(100);
	assert.equal(link.watches.size, before);
	assert.deepEqual(link.watches.get(1), { loudest: true });
	/* With ears for all, each is named again. */
	others[0].session.leave();
	await world.clock.pass(2000);
	assert.deepEqual([0, 1].map((slot) => link.watches.get(slot).source),
	    ["microphone", "microphone"]);
	world.close();
});

test("where levels are not allowed, members' words choose who is heard",
    async () => {
	const { world, others, link, told, heard } = await many(false);
	const [b, c, d] = others;

	assert.deepEqual(told, [false]);
	assert.equal(heard(), "bc");
	d.session.speaking(true);
	await world.clock.pass(100);
	assert.ok(heard().includes("d"));
	assert.equal(link.watches.get(1).source, "microphone");
	link.tell({ type: "loudest", slots: [{ slot: 0, participant:
		view(c).participant }, { slot: 1, participant:
		view(b).participant }] });
	await world.clock.pass(100);
	assert.ok(heard().includes("d"), "the forwarder's word is none");
	world.close();
});

for (const [how, trouble] of [["throws", "media"], ["lost", "blocked"],
	["no relay", "relay"]])
	test(`media that cannot be set up (${how}) are told after some tries`,
	    async () => {
		const world = await World.make();
		let tries = 0;

		await world.box();
		const page = world.page("a", { startMedia: async (ask, lost) => {
			tries++;
			if (how === "throws")
				throw new Error("no codec");
			if (how === "lost")
				setImmediate(lost);
			else
				setImmediate(lost, "relay");
			return { slots: [], close() {}, want() {}, async sendTrack() {} };
		} });
		await world.clock.until(() => view(page).phase === "ended",
		    10_000);
		assert.equal(view(page).trouble, trouble);
		assert.equal(tries, 3);
	});

test("media that come about once may fail later, and come again", async () => {
	const world = await World.make();

	await world.box();
	const page = world.page("a", { startMedia: async (ask) => {
		const { transport } = await ask("transport", {});

		await ask("connect", { transport });
		return { slots: [], close() {}, want() {}, async sendTrack() {} };
	} });
	for (let i = 1; i <= 5; i++) {
		await world.clock.until(() => view(page).media === "on" &&
		    view(page).links === i, 10_000);
		for (const link of world.server.links)
			if (link.participant === view(page).participant)
				link.tell({ type: "transport", transport: 0,
					state: "lost" });
		await world.clock.pass(10);
	}
	assert.notEqual(view(page).phase, "ended");
	world.close();
});

test("the end of a meeting is told", async () => {
	const world = await World.make();

	await world.box();
	const a = await world.join("a");
	world.server.unregister(Buffer.from(world.id));
	await world.clock.pass(100);
	assert.equal(view(a).trouble, "closed");
});

/* xorshift32: the same garbage each time */
function* randoms(state = 2463534242) {
	for (;;) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		yield state >>> 0;
	}
}

test("a server that sends anything at all does no harm", async () => {
	const world = await World.make();
	const box = await world.box();
	const page = await world.join("a");
	const random = randoms();
	const next = (n) => random.next().value % n;
	const types = ["joined", "left", "published", "unpublished", "commit",
		"welcome", "message", "transport", "reset", "answer", "error",
		"x", 7, null];
	const values = [null, true, -1, 0, 1e300, "", "x", "AAAA", [], {},
		[null], box.participant, view(page).participant,
		b64(box.meeting.wrap(web.Kind.Application, new Uint8Array(9)))];
	const names = ["participant", "reason", "source", "kind", "epoch",
		"from", "message", "transport", "state", "id", "error"];

	box.isAuto = false;
	await world.clock.until(() => agree(page), 1000);
	for (let i = 0; i < 400; i++) {
		const event = { type: types[next(types.length)] };

		for (const name of names)
			if (next(3) === 0)
				event[name] = values[next(values.length)];
		for (const link of world.server.links)
			if (link.participant !== box.participant)
				link.tell(next(20) === 0 ? "junk" : event);
		if (i % 20 === 0)
			await world.clock.pass(100);
	}
	/* It left with a word, or is there and holds its keys. */
	await world.clock.pass(100);
	assert.ok(["in", "joining", "reconnecting", "connecting"].includes(
	    view(page).phase) || view(page).trouble);
	world.close();
});

test("answers without what they must have end the link, not the page",
    async () => {
	const world = await World.make();

	await world.box();
	const connect = world.server.connect.bind(world.server);
	let isBad = true;
	world.server.connect = () => {
		const socket = connect();

		queueMicrotask(() => {
			const take = socket.onmessage;

			socket.onmessage = ({ data }) => take({ data: isBad ?
			    data.replace('"participants"', '"x"') : data });
		});
		return socket;
	};
	const page = world.page("a");
	await world.clock.pass(500);
	assert.notEqual(view(page).phase, "in");
	isBad = false;
	await world.clock.until(() => view(page).phase === "in", 20_000);
	world.close();
});
