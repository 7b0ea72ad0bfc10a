/* slots.test.mjs - who is seen and heard, where not all can be. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./world.mjs";

const { earsAreFew, holdMs, largeOf, slotsAssign, slotsDue, watchChanges,
	watchesOf } = await load("meeting/slots.js");
const { States } = await load("meeting/states.js");

const now = 100_000;
const audio = [0, 1].map((slot) => ({ slot, kind: "audio" }));
const video = [2, 3, 4].map((slot) => ({ slot, kind: "video" }));
const slots = [...audio, ...video];

const source = (participant, name = "microphone", more = {}) => ({ participant,
	source: name, kind: name === "microphone" ? "audio" : "video",
	isSpeaking: false, isMuted: false, beganAt: -Infinity,
	spokeAt: -Infinity, sharedAs: 0, isPinned: false, ...more });
const of = (shown) => slots.map(({ slot }) =>
    shown.get(slot)?.participant ?? "-").join("");

/* Five people who can be changed, and what the slots show of them. */
function stage() {
	const people = Object.fromEntries([..."abcde"].map((p) => [p, {}]));
	const world = { at: now, shown: new Map(), more: [], people,
		sources: () => [...Object.entries(people).flatMap(([p, state]) =>
		    [source(p, "microphone", state), source(p, "camera", state)]),
		...world.more],
		assign() {
			world.shown = slotsAssign(slots, world.sources(),
			    world.shown, world.at);
			return of(world.shown);
		},
		speaks(who, isSpeaking) {
			Object.assign(people[who], { isSpeaking,
				spokeAt: world.at, ...(isSpeaking ?
				    { beganAt: world.at } : {}) });
			return world.assign();
		} };

	world.assign();
	return world;
}

test("the first ones get the slots of their kind, and stay", () => {
	const world = stage();

	assert.equal(of(world.shown), "ababc");
	delete world.people.a;
	assert.equal(world.assign(), "cbdbc");
	world.people.a = {};
	assert.equal(world.assign(), "cbdbc");
});

test("who speaks comes in for who was silent longest, and stays", () => {
	const world = stage();

	world.people.a.spokeAt = 10;
	world.people.b.spokeAt = 5;
	world.people.c.spokeAt = 20;
	assert.equal(world.speaks("e", true), "aeaec");
	world.at += holdMs * 5;
	assert.equal(world.speaks("e", false), "aeaec");
	world.at += holdMs * 5;
	assert.equal(world.assign(), "aeaec");
});

test("silent ones and a speaker too many put nobody out", () => {
	const world = stage();

	world.speaks("a", true);
	world.speaks("b", true);
	assert.equal(world.speaks("d", true), "ababd");
	world.people.e.spokeAt = world.at;
	assert.equal(world.assign(), "ababd");
});

test("a pause keeps a slot for a while; then who waits longest comes in", () => {
	const world = stage();
	const due = () => slotsDue(world.sources(), world.shown, world.at);

	world.speaks("a", true);
	world.speaks("b", true);
	world.at++;
	world.speaks("e", true);
	world.at++;
	world.speaks("d", true);
	assert.equal(due(), Infinity);
	assert.equal(world.speaks("b", false).slice(0, 2), "ab");
	assert.equal(due(), world.at + holdMs);
	world.at += holdMs - 1;
	assert.equal(world.assign().slice(0, 2), "ab");
	world.at++;
	assert.equal(world.assign().slice(0, 2), "ae");
	assert.equal(due(), Infinity);
});

test("muted ones make room for open microphones, and keep what is free", () => {
	const world = stage();

	world.people.a.isMuted = world.people.a.isSpeaking = true;
	world.people.d.spokeAt = 7;
	assert.equal(world.assign().slice(0, 2), "db");
	for (const person of Object.values(world.people))
		person.isMuted = true;
	assert.equal(world.assign().slice(0, 2), "db");
});

test("screens come before cameras, the newest first, what is pinned before all",
    () => {
	const world = stage();

	for (const who of "abcde")
		world.speaks(who, true);
	world.more = [source("e", "screen", { sharedAs: 1 })];
	world.assign();
	assert.ok([...world.shown.values()].some((s) => s.source === "screen"));
	world.more = [..."bcde"].map((p, i) => source(p, "screen",
	    { sharedAs: i + 1 }));
	world.shown = new Map();
	assert.equal(world.assign().slice(2), "edc");
	assert.equal(largeOf(world.shown).source.participant, "e");
	world.people.a.isPinned = true;
	assert.ok(world.assign().slice(2).includes("a"));
	assert.equal(largeOf(world.shown).source.participant, "a");
	assert.equal(of(world.shown).slice(0, 2), "ab"); /* sound is no picture */
});

test("in any conversation nobody who speaks is thrown out", () => {
	const world = stage();
	let random = 1;

	for (let step = 0; step < 3_000; step++) {
		random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
		const who = "abcde"[(random >>> 16) % 5];
		const before = [...of(world.shown).slice(0, 2)];

		world.at += random >>> 22;
		const after = world.speaks(who, !world.people[who].isSpeaking);

		before.forEach((p, i) => assert.ok(after[i] === p ||
		    (!world.people[p].isSpeaking &&
			world.people[after[i]].isSpeaking)));
		assert.notEqual(after[0], after[1]);
	}
});

test("the server is told of each change, of sizes, and of what is large", () => {
	const sizes = { tile: { width: 320, height: 180 },
		large: { width: 1280, height: 720 } };
	const told = new Map();
	const shown = slotsAssign(slots, [source("a"), source("a", "camera"),
		source("a", "screen", { sharedAs: 1 })], new Map(), now);
	const tell = (map, how = sizes) =>
	    watchChanges(watchesOf(slots, map, how), told);

	assert.deepEqual(tell(shown), [
		{ slot: 0, participant: "a", source: "microphone" },
		{ slot: 2, participant: "a", source: "screen", ...sizes.large,
			priority: 1 },
		{ slot: 3, participant: "a", source: "camera", ...sizes.tile }]);
	assert.deepEqual(tell(shown), []);
	const small = { ...sizes, tile: { width: 160, height: 90 } };
	assert.deepEqual(tell(shown, small), [{ slot: 3, participant: "a",
		source: "camera", ...small.tile }]);
	/* What is not drawn yet has no size, and who speaks no priority. */
	const none = { width: 0, height: 0 };
	shown.get(3).isSpeaking = true;
	assert.deepEqual(tell(shown, { ...small, large: none }), [{ slot: 2,
		participant: "a", source: "screen", priority: 1 }]);
	assert.deepEqual(tell(new Map()).map((c) => [c.slot, c.participant]),
	    [[0, null], [2, null], [3, null]]);
	assert.deepEqual(tell(new Map()), []);
});

test("what members say of their media is kept, and what is said again is not new",
    () => {
	const states = new States();
	const published = ["microphone", "camera", "screen"].map((name) =>
	    ({ participant: "a", source: name, kind: "video" }));
	const names = (who) => states.sourcesOf(who, published).map((s) =>
	    s.source);

	assert.deepEqual(names("a"), ["microphone"]);
	states.said("a", { type: "media", microphone: true, camera: true,
		screen: true }, 1);
	states.said("b", { type: "media", screen: true }, 2);
	states.said("a", { type: "media", camera: false, screen: true }, 3);
	assert.deepEqual(names("a"), ["microphone", "screen"]);
	assert.ok(states.get("a").sharedAs < states.get("b").sharedAs);
	states.said("a", { type: "media", screen: "yes" }, 4);
	assert.equal(states.get("a").sharedAs, 0);
	states.said("a", { type: "speaking", speaking: false }, 5);
	assert.equal(states.get("a").spokeAt, -Infinity);
	states.said("a", { type: "speaking", speaking: true }, 6);
	states.said("a", { type: "speaking", speaking: true }, 7);
	assert.deepEqual([states.get("a").beganAt, states.get("a").spokeAt],
	    [6, 7]);
	states.forget("a");
	assert.equal(states.get("a").isSpeaking, false);
});

test("slots of sound that the forwarder fills are not ours to choose", () => {
	const world = stage();
	const heard = new Map([[0, "e"], [1, "z"]]); /* z: nobody here */
	const assign = () => slotsAssign(slots, world.sources(), world.shown,
	    world.at, heard);

	assert.ok(earsAreFew(slots, world.sources()));
	assert.ok(!earsAreFew(video, world.sources()));
	world.speaks("d", true);
	assert.equal(of(assign()).slice(0, 2), "e-");
	assert.ok(of(assign()).slice(2).includes("d")); /* its picture */
	assert.equal(slotsDue(world.sources(), assign(), world.at, heard),
	    Infinity);
	assert.deepEqual(watchesOf(slots, assign(), { tile: { width: 0, height: 0 },
		large: { width: 0, height: 0 } }, heard).slice(0, 2),
	    [{ slot: 0, loudest: true }, { slot: 1, loudest: true }]);
	for (const who of "cde")
		delete world.people[who];
	assert.ok(!earsAreFew(slots, world.sources()));
});
