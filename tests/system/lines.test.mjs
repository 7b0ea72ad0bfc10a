/*
 * lines.test.mjs - two telephones, a browser and a room box in one encrypted
 * meeting, by the programs that `make run` starts.
 *
 * They speak one after the other, so that what is heard can be held against what
 * was said: who hears two voices at once hears each at 0.7.  The room has no
 * microphone before its turn, which is the last one.
 *
 * STRICT=1 asks for every second of two turns each, on a machine that does
 * nothing else; seconds before which a program had to wait for a processor are
 * named and left out, a quarter of them at most.
 */
import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageListen, pageOpen, pageState, pageStrips }
	from "./browser.mjs";
import { phoneStart } from "./phones.mjs";
import { keep, roomPicture, roomSpeak, roomsStart, roomStatus, roomStrips, until }
	from "./rooms.mjs";
import { forms, frameKeys, meetingKeys, searchProcess } from "./search.mjs";
import { heard, rate, secondsHeard, speechMake, wavRead } from "./sounds.mjs";
import { stripAdvance } from "./strip.mjs";
import { varlinkWatch } from "./varlink.mjs";
import { waitsWatch } from "./waits.mjs";

const turnSeconds = 7;
const texts = {
	anna: ["Seven wizards boxed quickly with a jumping fox near the old bridge.",
		{ pitch: 40, voice: "en+f2" }],
	bob: ["My grandmother keeps nineteen yellow bicycles in her little garden.",
		{ pitch: 55, voice: "en+m3" }],
};
const names = { room: "Sitzungssaal", guest: "Greta Geheimniskrämer" };
const epochs = new Map(); /* epoch: base key */
let rooms, browser, page, watchTrouble, waits;
let roomBegan; /* when the room's voice did, in ms */
const voices = {}; /* who: samples */
const phones = {};

const alive = () => !rooms.run.hasEnded && !watchTrouble;
const box = () => rooms.boxes()[0];
const lines = () => rooms.run.status().lines;
const labels = (all) => (all ?? []).map((l) => l.label).sort();
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/* Labels of the lines, as the room, its picture and the page tell them. */
async function told() {
	const { conference } = await pageState(page);
	const picture = roomPicture(box());

	return { room: labels((await roomStatus(box())).lines),
		page: labels(conference.lines),
		picture: picture?.lines ?? "",
		mark: await page.locator("[data-testid=lines]").allTextContents() };
}

async function call(name) {
	const phone = phones[name];

	phone.events.length = 0;
	phone.isMuted = false; /* as each call begins */
	await phone.dial(`sip:konklave@127.0.0.1:${lines().sip}`);
	await phone.until("it is answered", () => {
		assert.ok(!phone.has("CALL_CLOSED"), phone.output);
		return phone.has("CALL_ESTABLISHED");
	});
	await phone.keys(`${lines().number}#${lines().pin}#`);
	await until(`${name} is in`, async () => (await roomStatus(box())).lines
	    .some((l) => l.label.includes(name)), alive);
}

before(async () => {
	rooms = await roomsStart({ boxes: 1, lines: 4, pauses: [0.5, 1.5], isQuiet: true,
		args: [`--name=${names.room}`,
			"--give=keyd:--socket=mix:{state}/mix"] });
	for (const [name, [text, how]] of Object.entries(texts)) {
		const path = join(rooms.folder, `${name}.wav`);

		speechMake(path, text, { ...how, pause: 0.5 });
		voices[name] = wavRead(path);
	}
	[voices.page, voices.room] = rooms.speeches.map((path) => wavRead(path));
	for (const [name, how] of [["anna", { codec: "opus", transport: "tcp",
		secure: "required" }], ["bob", { codec: "pcma", transport: "udp" }]]) {
		phones[name] = await phoneStart({ name, folder: rooms.folder,
			speech: join(rooms.folder, `${name}.wav`), ...how });
	}
	await rooms.run.running();
	/* Of a role that seals nothing, so that the others go on as they do. */
	varlinkWatch(join(box().folder, "mix"), "io.konklave.Keys.EpochKeys",
	    ({ epoch, baseKey }) => {
		if (baseKey)
			epochs.set(epoch, Buffer.from(baseKey, "base64"));
	}, (error) => { watchTrouble = error; });
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await pageOpen(browser, rooms.run.status().link);
	/* What a browser does against noise, it does to synthetic voices as well. */
	await page.check("#original");
	await pageJoin(page, names.guest);
	if (isStrict)
		waits = waitsWatch();
	await until("both see each other", async () =>
	    Object.keys(await pageStrips(page)).length === 1 &&
	    Object.keys(roomStrips(box()) ?? {}).length === 1, alive);
});

after(async () => {
	waits?.stop();
	for (const phone of Object.values(phones)) {
		keep(phone.heard, `lines-${phone.name}.wav`);
		writeFileSync(join(process.env.KK_OUT, `lines-${phone.name}.log`),
		    phone.output);
		await phone.stop();
	}
	if (rooms)
		writeFileSync(join(process.env.KK_OUT, "lines.log"),
		    rooms.run.output);
	await browser?.stop();
	await rooms?.stop();
});

test("without a call nobody is told of lines", async () => {
	assert.deepEqual(await told(), { room: [], page: [], picture: "",
		mark: [] });
});

test("two callers come in by number and PIN, and everybody is told", async () => {
	await call("anna");
	await call("bob");
	await until("all are told of both", async () => {
		const { room, page: inPage, picture, mark } = await told();

		return room.length === 2 && same(inPage, room) &&
		    picture.startsWith("2 telephone lines") && mark.length === 1;
	}, alive);
	assert.match((await told()).mark[0],
	    /^2 telephone lines, unprotected beyond Sitzungssaal$/);
	/* The one's keys for SRTP have come in clear, over TCP. */
	assert.deepEqual((await roomStatus(box())).lines.map((l) => l.transport),
	    ["plain", "plain"]);
	await page.screenshot({ path: keep("/dev/null", "lines-page.png") });
	keep(box().picture, "lines-room.png");
});

/* All others are silent; the room begins once, and is not stopped. */
async function speak(who) {
	for (const [name, phone] of Object.entries(phones))
		await phone.mute(who !== name);
	const { isOff } = await page.evaluate(() => ({ isOff: document
	    .getElementById("control-microphone").classList.contains("off") }));

	if (isOff === (who === "page"))
		await page.click("#control-microphone");
	if (who === "room")
		roomBegan ??= await roomSpeak(rooms);
}

/*
 * A recording that a program writes at its own pace: since when, in ms, by how
 * long it is whenever it grows.  A frame is written when its first sample is to be
 * heard, so what is written is never behind, and a frame ahead at most.
 */
function fileWatch(path, bytesPerSecond, frameMs) {
	const from = statSync(path).size;
	const watched = { path, fromSeconds: from / bytesPerSecond, since: Infinity };
	let last = from;

	watched.timer = setInterval(() => {
		const { size } = statSync(path);

		if (size > last)
			watched.since = Math.min(watched.since, frameMs + Date.now() -
			    size / bytesPerSecond * 1000);
		last = size;
	}, 2);
	return watched;
}

/* What each place has heard in a turn: samples, and the time of the first one. */
async function turn(seconds) {
	const files = { room: fileWatch(join(box().folder, "heard.wav"), 96000, 10) };

	for (const [name, phone] of Object.entries(phones))
		files[name] = fileWatch(phone.heard, phone.heardBytesPerSecond, 20);
	const all = { page: await pageListen(page, seconds) };

	for (const [place, { path, fromSeconds, since, timer }] of
	    Object.entries(files)) {
		clearInterval(timer);
		all[place] = { heard: wavRead(path, { fromSeconds }),
			from: since + fromSeconds * 1000, since };
	}
	return all;
}

const modulo = (x, n) => (x % n + n) % n;

/* When a voice began that is said again and again, by its seconds that are surely
 * heard: in ms, and as good as any time that is its length away. */
function beganAt(seconds, from, ms) {
	const times = seconds.filter(({ match }) => match >= 0.8)
	    .map(({ at, of }) => from + (at - of) * 1000);
	const off = times.map((at) => modulo(at - times[0] + ms / 2, ms))
	    .sort((x, y) => x - y);

	return times[0] + off[off.length >> 1] - ms / 2;
}

/*
 * From mouth to ear, in ms; null where too little was heard.  A telephone's
 * recording begins when its voice does.
 */
function delaysOf(places, found, who) {
	const ms = voices[who].length / rate * 1000;
	const { own, from } = places.page;
	const mouth = who === "room" ? roomBegan : who === "page" ?
	    beganAt(secondsHeard(own, voices.page), from, ms) : places[who].since;

	return Object.fromEntries(Object.entries(found)
	    .filter(([place]) => place !== who).map(([place, seconds]) =>
		[place, Math.round(modulo(beganAt(seconds, places[place].from, ms) -
		    mouth, ms))]));
}

/* What a telephone's G.711 leaves of a voice, and what other coders do. */
const least = (...who) => who.includes("bob") ? 0.8 : 0.9;

/*
 * A voice is said again and again until each of the others has had so many whole
 * seconds that are as they were said, or so many turns are over.  Seconds in
 * which this machine had no time for a program are less.  What the programs do
 * to each second without a machine that disturbs them is in tests/mix/speech.c
 * and tests/mixd/far.c.
 */
const isStrict = process.env.STRICT === "1";
const wanted = 3, turnsMax = 12, turnsStrict = 2;

/* A turn, and what each place has heard of who in it: matches with their times. */
async function turnOf(who, seconds) {
	const places = await turn(seconds);

	return { places, found: Object.fromEntries(Object.entries(places).map(
	    ([place, { heard: all, from }]) => [place,
		secondsHeard(all, voices[who]).map((s) => ({ ...s,
		    began: from + s.at * 1000,
		    isGood: s.match >= least(place, who) }))])) };
}

const othersOf = (found, who) =>
    Object.entries(found).filter(([place]) => place !== who);

/* In the midst of it: what came before is over, and all hear who, but who. */
const begun = (who) => until(`all hear ${who}, and ${who} nothing`, async () => {
	const { found } = await turnOf(who, 2);

	return found[who].length === 0 &&
	    othersOf(found, who).every(([, all]) => all.at(-1)?.isGood);
}, alive);

function secondsTell(t, heardBy) {
	for (const [place, all] of Object.entries(heardBy))
		t.diagnostic(`${place}: ${all.filter((s) => s.isGood).length} of ` +
		    `${all.length} good: ${all.map((s) => s.match.toFixed(2) +
			(s.waited ? "*" : "")).join(" ")}`);
}

/* What is not good had its reason. */
function strictCheck(heardBy, who) {
	for (const [place, all] of othersOf(heardBy, who)) {
		const left = all.filter((s) => !s.waited);

		assert.ok(left.length * 4 >= all.length * 3, `${place}: the ` +
		    "machine was busy in more than a quarter of all seconds");
		assert.ok(all.length >= turnsStrict * (turnSeconds - 2), place);
		assert.ok(left.every((s) => s.isGood), `${place} hears ${who}`);
	}
}

/* Who came last is told for 8 s what its keys are for, over all that it hears: it
 * speaks first. */
for (const who of ["bob", "anna", "page", "room"]) {
	test(`${who} is heard by the others, and not by itself`, async (t) => {
		const heardBy = { anna: [], bob: [], page: [], room: [] };
		const isEnough = (turns) => isStrict ? turns === turnsStrict :
		    othersOf(heardBy, who).every(([, all]) =>
			all.filter((s) => s.isGood).length >= wanted);

		await speak(who);
		await begun(who);
		for (let turns = 0; turns < turnsMax && !isEnough(turns); turns++) {
			const { places, found } = await turnOf(who, turnSeconds);

			for (const [place, seconds] of Object.entries(found))
				heardBy[place].push(...seconds.map((s) => ({ ...s,
					waited: waits?.in(s.began) })));
			t.diagnostic(`ms from mouth to ear: ${
			    JSON.stringify(delaysOf(places, found, who))}`);
		}
		secondsTell(t, heardBy);
		if (isStrict)
			strictCheck(heardBy, who);
		else
			assert.ok(isEnough(turnsMax), `fewer than ${wanted} seconds ` +
			    `of ${turnsMax} turns are as ${who} said them`);
		/* As nobody else speaks, there is nothing to be heard at all. */
		assert.deepEqual(heardBy[who], [], `${who} hears itself`);
	});
}

test("*6 mutes a line, and all see it", async () => {
	for (const isMuted of [true, false]) {
		await phones.bob.keys("*6");
		await until(`it is ${isMuted}`, async () => {
			const { conference } = await pageState(page);
			const here = (await roomStatus(box())).lines;

			return [conference.lines, here].every((all) =>
			    all.find((l) => l.label.includes("bob"))?.isMuted ===
			    isMuted);
		}, alive);
	}
});

const bytesOf = (text) => Buffer.from(text, "base64url");

/* What nobody may find where telephones are served. */
function secrets() {
	const [, id, secret] = rooms.run.status().link.match(/#1\.(.*)\.(.*)$/)
	    .map(bytesOf);
	const { wrap, psk } = meetingKeys(id, secret);
	const keys = [...epochs].flatMap(([epoch, base]) => [0, 1, 2].flatMap(
	    (leaf) => [0, 1].flatMap((stream) => {
		const { key, salt } = frameKeys(base, epoch, leaf, stream);

		return [...forms(`frame key ${epoch}/${leaf}/${stream}`, key),
			...forms(`salt ${epoch}/${leaf}/${stream}`, salt)];
	    })));

	return [...forms("secret", secret), ...forms("wrap key", wrap),
		...forms("PSK", psk), ...keys,
		...[...epochs].flatMap(([epoch, base]) =>
		    forms(`base key ${epoch}`, base)),
		...Object.entries(names).flatMap(([who, name]) =>
		    forms(`name of the ${who}`, name))];
}

test("in lined's memory are no key of the meeting and no name of its people",
    (t) => {
	const needles = secrets();
	const look = (label, more = []) => searchProcess(
	    rooms.run.of(label).pid, [...needles, ...more]);
	const lined = look("lined", forms("caller", "anna@127.0.0.1"));

	t.diagnostic(`${lined.bytes} bytes, ${epochs.size} epochs`);
	assert.ok(epochs.size > 1);
	/* That the search works: it finds who called, and keys where they are. */
	assert.deepEqual(lined.hits, ["caller (raw)"]);
	assert.ok(look("mixd").hits.some((hit) => /^frame key/.test(hit)));
	assert.ok(look("roomd-lines").hits.includes("name of the guest (raw)"));
});

/* The pictures of guest and room go on. */
async function isLive() {
	const look = async () => [...Object.values(await pageStrips(page)),
		...Object.values(roomStrips(box()) ?? {})];
	const earlier = await look();

	await new Promise((done) => setTimeout(done, 2000));
	const now = await look();
	return earlier.length === 2 && now.length === 2 &&
	    now.every((s, i) => stripAdvance(earlier[i].time, s.time) > 0);
}

test("a hang-up clears a line within a second", async (t) => {
	const from = Date.now();

	await phones.bob.hangUp();
	await until("the room is told", async () =>
	    (await roomStatus(box())).lines.length === 1, alive);
	await until("the page is told", async () =>
	    (await pageState(page)).conference.lines.length === 1, alive);
	t.diagnostic(`${Date.now() - from} ms`);
	assert.ok(Date.now() - from < 1000);
	assert.equal((await told()).room.length, 1);
});

async function kill(label) {
	const { pid, restarts } = rooms.run.of(label);

	process.kill(pid, "SIGKILL");
	await rooms.run.until(`${label} runs again`, () => {
		const now = rooms.run.of(label);

		return now.restarts === restarts + 1 && now.isReady;
	});
}

test("when lined is killed its lines are gone, the meeting goes on, and calls end",
    async () => {
	const killed = kill("lined");

	await until("the lines are gone", async () => {
		const { room, page: inPage, mark } = await told();

		return room.length === 0 && inPage.length === 0 &&
		    mark.length === 0;
	}, alive);
	await killed;
	await until("the meeting goes on", isLive, alive);
	/* It hangs up by itself, since it is told. */
	await phones.anna.until("it ends", () => phones.anna.has("CALL_CLOSED"));
	await call("anna");
});

test("when mixd is killed the call stays, and is heard again", async () => {
	await kill("mixd");
	await until("the meeting goes on", isLive, alive);
	for (const [who, place] of [["page", "anna"], ["anna", "room"]]) {
		await speak(who);
		await until(`${place} hears ${who} again`, async () =>
		    heard((await turn(6))[place].heard, voices[who]).sure >= 4, alive);
	}
	assert.ok(!phones.anna.has("CALL_CLOSED"));
	assert.deepEqual(page.problems, []);
});
