/*
 * dial.test.mjs - the room calls by a command, and by its number pad: what the room
 * is shown and hears of it, until the telephone, which is played here, is busy, or
 * the room hangs up; and presses keys into a call, which arrive there.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { programs, remove } from "../sandbox/support.mjs";
import { keep, roomPicture, roomStatus, roomsStart, until } from "./rooms.mjs";

const number = "030123";
const folder = mkdtempSync(join(tmpdir(), "kk-dial-"));
let rooms, exchange, sound, invite, isCancelled, isEnded;
const pressed = new Map(); /* by the timestamp of each event */

const alive = () => !rooms.run.hasEnded;
const lines = () => rooms.run.status().lines;
const call = () => roomPicture(rooms.boxes()[0])?.call;

/* RFC 3261, 8.2.6: what an answer has of its request. */
function answerTo({ text, port }, status, body = "") {
	const of = text.split("\r\n").filter((l) =>
	    /^(Via|From|Call-ID|CSeq):/i.test(l));
	const to = text.match(/^To:.*$/m)[0].trim();

	exchange.send([`SIP/2.0 ${status}`, ...of,
		to.includes(";tag=") ? to : `${to};tag=exchange`,
		`Contact: <sip:pbx@127.0.0.1:${exchange.address().port}>`,
		...(body ? ["Content-Type: application/sdp"] : []),
		`Content-Length: ${body.length}`, "", body].join("\r\n"), port,
	    "127.0.0.1");
}

const answer = (status, body) => answerTo(invite, status, body);

/* G.711 and the events that were offered, to the sound's port. */
function soundText() {
	return ["v=0", "o=exchange 1 1 IN IP4 127.0.0.1", "s=-",
		"c=IN IP4 127.0.0.1", "t=0 0",
		`m=audio ${sound.address().port} RTP/AVP 8 ${eventType()}`,
		`a=rtpmap:${eventType()} telephone-event/8000`, ""].join("\r\n");
}

const eventType = () =>
    Number(invite?.text.match(/a=rtpmap:(\d+) telephone-event\/8000/)?.[1]);
const keys = () => [...pressed.values()].join("");

/* RFC 4733, 2.3: an event behind a header of 12 bytes. */
function soundCame(data) {
	if ((data[1] & 0x7f) === eventType() && data.length === 16)
		pressed.set(data.readUInt32BE(4), "0123456789*#"[data[12]]);
}

before(async () => {
	exchange = createSocket("udp4");
	exchange.on("message", (data, { port }) => {
		const text = data.toString();

		isCancelled ||= text.startsWith("CANCEL ");
		isEnded ||= text.startsWith("BYE ");
		if (text.startsWith("BYE "))
			answerTo({ text, port }, "200 OK");
		if (!text.startsWith("INVITE ") || invite)
			return;
		invite = { text, port };
		answer("180 Ringing");
	});
	await new Promise((done) => exchange.bind(0, "127.0.0.1", done));
	sound = createSocket("udp4");
	sound.on("message", soundCame);
	await new Promise((done) => sound.bind(0, "127.0.0.1", done));
	writeFileSync(join(folder, "trunk"), `name=pbx\ndomain=site.example
server=sip:127.0.0.1:${exchange.address().port}
user=9000\nstatic\nunchecked\n`, { mode: 0o600 });
	rooms = await roomsStart({ boxes: 1, lines: 1, args: [
		`--give=lined:--trunk=${folder}/trunk`,
		"--give=lined:--may-call=030",
		"--give=roomd:--dial-prefix=030"] });
	await rooms.run.running();
	await until("the room is in", async () =>
	    (await roomStatus({ face: lines().face })).phase === "in", alive);
});

after(async () => {
	if (rooms)
		writeFileSync(keep("/dev/null", "dial.log"), rooms.run.output);
	exchange?.close();
	sound?.close();
	await rooms?.stop();
	remove(folder);
});

/* How many tenths of a second of the recording are the tone alone. */
function tenths(path, hz) {
	const data = readFileSync(path), tenth = 4800, turn = 2 * Math.PI * hz / 48000;
	let count = 0;

	for (let at = 44; at + 2 * tenth <= data.length; at += 2 * tenth) {
		let real = 0, imaginary = 0, all = 1;

		for (let i = 0; i < tenth; i++) {
			const sample = data.readInt16LE(at + 2 * i);

			real += sample * Math.cos(turn * i);
			imaginary += sample * Math.sin(turn * i);
			all += sample * sample;
		}
		count += all > 1e9 &&
		    2 * (real ** 2 + imaginary ** 2) > 0.9 * tenth * all;
	}
	return count;
}

/* It may be that lined and its roomd do not know each other yet. */
async function dial() {
	const tool = { text: "" };

	await until("it dials", async () => {
		const child = spawn(join(programs, "konklave-room"),
		    [`--lines=${lines().face}`, "--language=en", "dial", number]);

		tool.text = "";
		child.stdout.on("data", (piece) => { tool.text += piece; });
		tool.ended = new Promise((done) => child.on("close", done));
		await Promise.race([tool.ended,
			until("it has said so", () => tool.text !== "")]);
		return tool.text !== "";
	}, alive);
	return tool;
}

test("a call that rings is shown and heard in the room alone, and its end is told",
    async () => {
	const box = rooms.boxes()[0];
	const heard = join(box.folder, "heard.wav");
	const tool = await dial();

	await until("the exchange is asked", () => invite, alive);
	assert.ok(invite.text.startsWith(`INVITE sip:${number}@`));
	await until("the picture says that it rings", () =>
	    /^(Call: it rings|Anruf: es klingelt)/.test(call()), alive);
	await until("the room hears it", () => tenths(heard, 425) >= 3, alive);
	assert.deepEqual((await roomStatus(box)).lines, []);
	answer("486 Busy Here");
	await until("the picture says that it is busy", () =>
	    /^(Call: busy|Anruf: besetzt)/.test(call()), alive);
	assert.equal(await tool.ended, 1);
	assert.equal(tool.text, "dialling\nit rings\nbusy\n");
	assert.ok(!rooms.run.output.includes(number));
});

/* Keys of the box, as konklave-room(8) names them. */
function press(...keys) {
	const { status, stderr } = spawnSync(join(programs, "konklave-room"),
	    [`--input=${rooms.boxes()[0].input}`, "press", ...keys],
	    { encoding: "utf8" });

	assert.equal(stderr, "");
	assert.equal(status, 0);
}

const pad = () => roomPicture(rooms.boxes()[0])?.pad;
const padAwait = (what, number, notice) => until(what, () =>
    pad()?.number === number && notice.test(pad().notice), alive);
const closed = () => until("the pad is closed", () => !pad(), alive);

test("a number is typed on the room's pad, refused, and one of the book called",
    async () => {
	const box = rooms.boxes()[0];

	writeFileSync(join(box.folder, "book"), `${number} Reception\n`);
	await closed();
	press("0", "9", "x", "0", "1", "erase", "0");
	await padAwait("what was typed is shown", "0900", /^$|^(Call|Anruf)/);
	press("enter");
	await padAwait("it is refused", "0900",
	    /may not be called|darf von hier nicht angerufen/);
	keep(box.picture, "pad.png");
	press("back");
	await closed();
	/* A touch opens it; the book is three keys to the right. */
	invite = null;
	press("0.5,0.5", "right", "right", "right", "enter");
	await padAwait("the entry's number is shown", number, /^$|^(Call|Anruf)/);
	keep(box.picture, "pad-book.png");
	press("enter");
	await until("the exchange is asked", () => invite, alive);
	assert.ok(invite.text.startsWith(`INVITE sip:${number}@`));
	await closed();
	await until("the picture says that it rings", () =>
	    /^(Call: it rings|Anruf: es klingelt)/.test(call()), alive);
	press("hang-up");
	await until("the exchange is told", () => isCancelled, alive);
	answer("487 Request Terminated");
	await until("the picture says that it has ended", () =>
	    /^(Call: ended|Anruf: beendet)/.test(call()), alive);
});

/* What the command says, and its status. */
function tones(digits) {
	const { status, stderr } = spawnSync(join(programs, "konklave-room"),
	    [`--lines=${lines().face}`, "--language=en", "tones", digits],
	    { encoding: "utf8" });

	return { status, stderr };
}

test("keys are pressed into a call, before and after its answer, and arrive there",
    async () => {
	const box = rooms.boxes()[0];

	invite = null;
	await closed();
	const tool = await dial();

	await until("the exchange is asked", () => invite, alive);
	assert.deepEqual(tones("1"), { status: 1, stderr: "konklave-room: nothing " +
	    "is heard of the call yet: try again when it is\n" });
	answer("183 Session Progress", soundText());
	await until("tones are taken", () => tones("4608").status === 0, alive);
	await until("they arrive", () => keys() === "4608", alive);
	answer("200 OK", soundText());
	assert.equal(await tool.ended, 0);
	/* It opens by the first of them. */
	press("2", "2", "#");
	await padAwait("what was pressed is shown", "22#",
	    /^(The keys send tones|Die Tasten senden Töne)/);
	keep(box.picture, "pad-tones.png");
	await until("it arrives", () => keys() === "460822#", alive);
	press("*");
	await until("that, too", () => keys() === "460822#*", alive);
	press("hang-up");
	await until("the exchange is told", () => isEnded, alive);
	await closed();
	assert.deepEqual(tones("1"), { status: 1,
		stderr: "konklave-room: there is no call\n" });
});

test("what was typed stands in no log", () => {
	const logs = join(rooms.folder, "state/log");

	for (const name of readdirSync(logs)) {
		const text = readFileSync(join(logs, name), "utf8");

		assert.ok(!text.includes(number) && !text.includes("0900") &&
		    !text.includes("460822"), name);
	}
	assert.ok(!rooms.run.output.includes(number));
});
