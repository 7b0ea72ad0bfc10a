/* life.test.mjs - pages in a meeting, from the first hello to the last commit. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { World, agree, b64, web } from "./world.mjs";

const names = (page) => page.session.view.people.map((p) => p.name);
const view = (page) => page.session.view;

test("a page joins a box's meeting, and both have the same code", async () => {
	const world = await World.make();
	const box = await world.box("Room 4");
	const page = await world.join("Ada");

	await world.clock.pass(0);
	assert.deepEqual(names(page), ["Room 4", "Ada"]);
	assert.equal(view(page).code, web.securityCode(box.group));
	assert.match(view(page).code, /^(\d{5} ){5}\d{5}$/);
	assert.equal(view(page).epoch, box.epoch);
	const [room, self] = view(page).people;
	assert.equal(room.participant, box.participant);
	assert.equal(room.verified, false);
	assert.equal(self.isSelf, true);
	assert.equal(self.participant, view(page).participant);
	assert.deepEqual(page.phases, ["joining", "in"]);
	world.close();
});

test("an epoch's base key is the group's, and cannot be read", async () => {
	const world = await World.make();
	const box = await world.box();
	const page = await world.join("Ada");
	const { key, epoch, ownLeaf, members } = page.epochs.at(-1);

	assert.equal(key.extractable, false);
	assert.deepEqual([epoch, ownLeaf, members], [box.epoch, 1, [0, 1]]);
	const ours = await crypto.subtle.importKey("raw",
	    box.group.export("SFrame 1.0 Base Key", new Uint8Array(0), 32),
	    "HKDF", false, ["deriveBits"]);
	const bits = (k) => crypto.subtle.deriveBits({ name: "HKDF",
		hash: "SHA-512", salt: new Uint8Array(0),
		info: new Uint8Array(0) }, k, 256);
	assert.deepEqual(await bits(key), await bits(ours));
	world.close();
});

test("ten pages come at once, and all agree", async () => {
	const world = await World.make();
	const box = await world.box();
	const pages = [];

	box.isAuto = false;
	const first = world.page("first");
	await world.clock.pass(100);
	await box.add(view(first).participant);
	await world.clock.until(() => view(first).phase === "in", 1000);
	for (let i = 0; i < 9; i++)
		pages.push(world.page(`guest ${i}`));
	await world.clock.until(() => agree(first, ...pages), 10_000);
	assert.equal(view(first).people.length, 11);
	assert.equal(view(first).code, web.securityCode(box.group));
	world.close();
});

test("commits at the same time: one wins, the others follow", async () => {
	const world = await World.make();
	const box = await world.box();
	const [a, b] = [await world.join("a"), await world.join("b")];

	await world.clock.until(() => agree(a, b), 2000);
	box.isAuto = false;
	world.server.log.length = 0;
	/* On a slow way to the server neither hears of the other's. */
	world.server.slowRequests.add("commit");
	const c = world.page("c");
	await world.clock.until(() => world.server.held.length === 2, 5000);
	const before = world.meeting.epoch;
	world.server.slowRequests.clear();
	world.server.release();
	await world.clock.pass(0);
	assert.equal(world.meeting.epoch, before + 1);
	await world.clock.until(() => agree(a, b, c), 1000);
	assert.equal(view(a).code, web.securityCode(box.group));
	assert.equal(view(a).epoch, before + 1);
	world.close();
});

test("a stale commit is dropped, and what was pending comes after", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	await world.clock.until(() => agree(a), 1000);
	box.isAuto = false;
	/* The box commits between the page's commit and the server. */
	const commit = world.server.meeting;
	assert.ok(commit);
	world.server.refuse.commit = ["stale", { epoch: box.epoch + 1 }];
	const b = world.page("b");
	await world.clock.until(() => world.server.log.some(([, r]) =>
	    r.type === "commit" && r.welcomes.length === 1 &&
	    r.welcomes[0].to === view(b).participant), 5000);
	delete world.server.refuse.commit;
	assert.ok(await box.commit({}));
	await world.clock.until(() => agree(a, b), 10_000);
	assert.equal(view(a).epoch, box.epoch);
	world.close();
});

test("a leaf without its participant is removed within a second", async () => {
	const world = await World.make();
	const box = await world.box();
	const [a, b] = [await world.join("a"), await world.join("b")];

	await world.clock.until(() => agree(a, b), 2000);
	box.isAuto = false;
	const before = view(a).epoch;
	b.session.leave();
	const ms = await world.clock.until(() => view(a).epoch > before, 3000);
	assert.ok(ms <= 1000, `${ms} ms`);
	assert.deepEqual(names(a), ["Room 4", "a"]);
	assert.deepEqual(a.epochs.at(-1).members, [0, 1]);
	assert.equal(view(b).phase, "ended");
	assert.equal(view(b).trouble, undefined);
	assert.ok(b.forgets > 0);
	world.close();
});

test("when the box is gone, the pages go on and rotate by turns", async () => {
	const world = await World.make();
	const box = await world.box();
	const pages = [await world.join("a"), await world.join("b"),
		await world.join("c")];

	await world.clock.until(() => agree(...pages), 3000);
	box.socket.close();
	await world.clock.until(() => agree(...pages) &&
	    view(pages[0]).people.length === 3, 3000);
	const before = view(pages[0]).epoch;
	world.server.log.length = 0;
	/* Three rotations, each by another member. */
	for (let i = 1; i <= 3; i++)
		await world.clock.until(() => agree(...pages) &&
		    view(pages[0]).epoch === before + i, 31_000);
	const committers = world.server.log.filter(([, r]) =>
	    r.type === "commit").map(([who]) => who);
	assert.equal(committers.length, 3);
	assert.equal(new Set(committers).size, 3);
	world.close();
});

test("who is in turn but silent is taken over for", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	box.isAuto = false; /* and never rotates */
	await world.clock.until(() => agree(a), 1000);
	const epoch = view(a).epoch;
	/* At the latest when both turns and their waits are over. */
	await world.clock.until(() => view(a).epoch >= epoch + 2, 65_000);
	assert.equal(view(a).code, web.securityCode(box.group));
	world.close();
});

test("a link that breaks for a while costs nothing but media", async () => {
	const world = await World.make();
	const box = await world.box();
	const [a, b] = [await world.join("a"), await world.join("b")];

	await world.clock.until(() => agree(a, b), 2000);
	const code = view(a).code;
	box.isAuto = false;
	world.server.stop();
	await world.clock.pass(15_000);
	assert.equal(view(a).phase, "reconnecting");
	assert.equal(view(a).code, code);
	world.server.start();
	world.boxes.pop();
	await world.clock.until(() => view(a).phase === "in" &&
	    view(b).phase === "in", 10_000);
	await world.clock.until(() => agree(a, b) &&
	    view(a).people.length === 2, 10_000);
	assert.equal(view(a).links, 2);
	world.close();
});

test("all enter again after a restart, and nobody is thrown out", async () => {
	const world = await World.make();
	const box = await world.box();
	const pages = [await world.join("a"), await world.join("b"),
		await world.join("c")];

	await world.clock.until(() => agree(...pages), 3000);
	world.server.stop();
	await world.clock.pass(3000);
	world.server.start();
	await world.clock.until(() => pages.every((p) =>
	    view(p).phase === "in"), 12_000);
	world.server.log.length = 0;
	await world.clock.pass(12_000);
	/* The box did not come back; it alone is removed. */
	assert.ok(agree(...pages));
	assert.deepEqual(names(pages[0]), ["a", "b", "c"]);
	assert.ok(box);
	assert.ok(!world.server.log.some(([, r]) => r.type === "enter"));
	world.close();
});

test("a commit whose fate is open is taken when it comes back", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	await world.clock.until(() => agree(a), 1000);
	box.isAuto = false;
	/* It is written down, but the answer never comes. */
	world.server.slowAnswers.add("commit");
	const before = world.meeting.epoch;
	await world.clock.until(() => world.meeting.epoch > before, 40_000);
	world.server.held.length = 0;
	world.server.slowAnswers.clear();
	for (const link of [...world.server.links])
		if (link.participant === view(a).participant)
			link.drop();
	await world.clock.until(() => view(a).phase === "in" &&
	    view(a).epoch === before + 1, 5000);
	assert.equal(view(a).code, web.securityCode(box.group));
	assert.equal(view(a).links, 2);
	world.close();
});

test("a commit that never got there is dropped", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	await world.clock.until(() => agree(a), 1000);
	box.isAuto = false;
	const before = view(a).epoch;
	/* The link swallows commits from now on. */
	for (const link of world.server.links) {
		const take = link.take.bind(link);
		link.take = (text) => {
			if (JSON.parse(text).type === "commit") {
				link.drop();
				return;
			}
			take(text);
		};
	}
	await world.clock.until(() => view(a).links === 2, 50_000);
	await world.clock.pass(500);
	assert.equal(view(a).phase, "in");
	assert.equal(view(a).epoch, before);
	await world.clock.until(() => view(a).epoch > before, 70_000);
	world.close();
});

test("who missed too much joins anew", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	await world.clock.until(() => agree(a), 1000);
	for (const link of [...world.server.links])
		if (link.participant === view(a).participant)
			link.drop();
	await world.clock.pass(0);
	assert.ok(await box.commit({}));
	world.meeting.commits.length = 0; /* not kept */
	await world.clock.until(() => view(a).phase === "in" &&
	    view(a).code === web.securityCode(box.group), 10_000);
	assert.ok(a.phases.includes("joining"));
	assert.ok(a.forgets > 0);
	world.close();
});

test("a reset makes everybody join the new group", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	box.group = box.client.newGroup(world.id);
	world.meeting.epoch = 0;
	world.meeting.commits.length = 0;
	for (const link of world.meeting.entered.values())
		link.tell({ type: "reset" });
	await world.clock.until(() => view(a).phase === "in" &&
	    view(a).code === web.securityCode(box.group), 10_000);
	assert.equal(view(a).epoch, 1);
	world.close();
});

test("nobody who answers: told after 30 seconds", async () => {
	const world = await World.make();
	const page = world.page("a");

	await world.clock.pass(29_000);
	assert.equal(view(page).phase, "joining");
	/* A new key package every 3 s. */
	assert.equal(world.server.log.filter(([, r]) =>
	    r.type === "message").length, 10);
	await world.clock.pass(2_000);
	assert.equal(view(page).trouble, "no-answer");
});

test("who is removed joins again, under new keys", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	await world.clock.until(() => box.present.size === 1, 1000);
	const before = box.group.member(1).signatureKey;
	assert.ok(await box.commit({ removes: [1] }));
	await world.clock.until(() => view(a).phase === "in" &&
	    view(a).epoch === box.epoch, 10_000);
	assert.notDeepEqual(box.group.member(1).signatureKey, before);
	world.close();
});

test("an add without the meeting's PSK is not believed", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");
	const stranger = new web.Client({ suite: 7, signer:
	    web.Signer.generate(world.core, web.Scheme.EcdsaP384),
	    acceptsBasic: true, extensions: [0xff4b],
	    credential: { type: "basic",
		identity: new TextEncoder().encode("stranger") } });

	await world.clock.until(() => agree(a), 1000);
	assert.ok(await box.commit({ adds: [stranger.newKeyPackage().message],
		psks: [] }));
	await world.clock.pass(1000);
	assert.equal(view(a).phase, "ended");
	assert.equal(view(a).trouble, "unverified");
});

test("a welcome without the meeting's PSK is not believed", async () => {
	const world = await World.make();
	const box = await world.box();

	box.isAuto = false;
	const page = world.page("a");
	await world.clock.pass(100);
	const participant = view(page).participant;
	await box.commit({ adds: [box.keyPackages.get(participant)],
		psks: [] }, [participant]);
	await world.clock.pass(100);
	assert.equal(view(page).trouble, "unverified");
	assert.equal(page.epochs.length, 0);
});

test("a name that could dress up is refused", async () => {
	const world = await World.make();

	await world.box("Room\u202e4");
	const page = world.page("a");
	await world.clock.pass(2000);
	assert.equal(view(page).trouble, "unverified");
});

test("a member that asks to be added again has lost its group", async () => {
	const world = await World.make();
	const box = await world.box();
	const [a, b] = [await world.join("a"), await world.join("b")];

	await world.clock.until(() => agree(a, b), 2000);
	box.isAuto = false;
	const [link] = [...world.meeting.entered.values()].filter((l) =>
	    l.participant === box.participant);
	const again = box.client.newKeyPackage();
	const before = view(a).epoch;
	link.others({ type: "message", from: box.participant, message:
	    b64(box.meeting.wrap(web.Kind.KeyPackage, again.message)) });
	world.boxes.length = 0;
	box.event = async () => {};
	await world.clock.until(() => view(a).epoch > before && agree(a, b),
	    3000);
	/* Out by its old leaf and in by a new one, in one commit. */
	assert.equal(view(a).epoch, before + 1);
	assert.equal(view(a).people.length, 3);
	world.close();
});

test("words of another participant than the sender are not believed",
    async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	await world.clock.until(() => agree(a), 1000);
	const before = a.session.dropped;
	await box.say({ type: "here", participant: view(a).participant });
	await world.clock.pass(10);
	assert.equal(a.session.dropped, before + 1);
	assert.equal(view(a).people[0].participant, box.participant);
	world.close();
});

test("a key package that is no good keeps nobody out", async () => {
	const world = await World.make();
	const box = await world.box();
	const a = await world.join("a");

	await world.clock.until(() => agree(a), 1000);
	box.isAuto = false;
	const [link] = [...world.meeting.entered.values()].filter((l) =>
	    l.participant === box.participant);
	/* Somebody offers a broken one, before a good one comes. */
	link.others({ type: "joined", participant: "somebody" });
	link.others({ type: "message", from: "somebody", message:
	    b64(box.meeting.wrap(web.Kind.KeyPackage, new Uint8Array(99))) });
	const b = world.page("b");
	await world.clock.until(() => agree(a, b), 10_000);
	assert.ok(a.session.dropped > 0);
	world.close();
});
