/*
 * refusals.test.mjs - boxes that may not come in, and guests who speak German:
 * each is told why, and the meeting goes on as if nothing were.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
	writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { programs } from "../sandbox/support.mjs";
import { browserStart, pageJoin, pageOpen, pageState } from "./browser.mjs";
import { roomsStart, roomStatus, until } from "./rooms.mjs";
import { varlinkCall } from "./varlink.mjs";

const past = ["-not_before", "20200101000000Z", "-not_after",
	"20200201000000Z"];
let rooms, folder, site, begun;
const started = [];

const alive = () => !rooms.run.hasEnded && started.every((p) => !p.failed);

function start(name, label, args) {
	const child = spawn(join(programs, name), args,
	    { stdio: ["ignore", "ignore", "pipe"] });
	const program = { child, label, said: "", failed: null, isWanted: true };

	child.stderr.on("data", (piece) => { program.said += piece; });
	program.ended = new Promise((done) => child.on("close", (code) => {
		if (program.isWanted)
			program.failed = `${label} ended with ${code}:\n` +
			    program.said;
		done(code);
	}));
	started.push(program);
	program.stop = () => {
		program.isWanted = false;
		child.kill("SIGTERM");
		return program.ended;
	};
	return program;
}

async function answers(path, method) {
	return until(`${path} answers`, () => varlinkCall(path, method)
	    .catch(() => null), alive);
}

/* Another room's key process; ca: who signs for it, and with what options. */
async function keydStart(at, name, { ca, options = [], trust }) {
	const socket = join(at, "keyd");
	const args = [`--state=${at}/keys`, `--wrap-key=${at}/wrap-key`,
		`--name=${name}`, `--socket=policy:${socket}`];

	mkdirSync(join(at, "keys"), { mode: 0o700 });
	writeFileSync(join(at, "wrap-key"), randomBytes(32), { mode: 0o600 });
	const alone = start("keyd", `${name}: keyd`,
	    [...args, `--trust=${site}/ca.pem`]);
	const { publicKey } = await answers(socket,
	    "io.konklave.Keys.Identity");
	execFileSync("tests/keyd/ca", [folder, ca, name, publicKey, ...options]);
	await alone.stop();
	start("keyd", `${name}: keyd`,
	    [...args, `--trust=${trust}`, `--chain=${folder}/${ca}.chain.pem`]);
	await answers(socket, "io.konklave.Keys.Identity");
	return socket;
}

/* Another room at the same forwarder; resolves with its face's socket. */
async function roomStart(name, identity, more) {
	const at = mkdtempSync(join(folder, "room-"));
	const { port } = rooms.run.status();
	const keyd = await keydStart(at, name, identity);

	mkdirSync(join(at, "room"), { mode: 0o700 });
	start("roomd", `${name}: roomd`, [`--state=${at}/room`, `--keyd=${keyd}`,
		`--server=localhost:${port + 3}`, `--trust=${site}/ca.pem`,
		`--page=https://localhost:${port + 1}`,
		`--socket=face:${at}/face`, `--socket=media:${at}/media`, ...more]);
	await answers(`${at}/face`, "io.konklave.Room.Status");
	return `${at}/face`;
}

const troubleOf = (face) => until("it is refused", async () => {
	const { phase, trouble } = await varlinkCall(face,
	    "io.konklave.Room.Status");

	return phase === "refused" || trouble ? { phase, trouble } : null;
}, alive);

const whoIn = ({ people }) => people.map((p) =>
    `${p.name}: ${p.verified ? "verified" : "guest"}`);

/* The room that was there before is in, with those and well. */
async function undisturbed(others = []) {
	const status = await roomStatus(rooms.boxes()[0]);
	const { phase, trouble, link } = status;

	assert.deepEqual({ phase, trouble: trouble ?? null, link },
	    { phase: "in", trouble: null, link: begun.link });
	assert.deepEqual(whoIn(status), ["Room: verified", ...others]);
	assert.ok(rooms.run.status().programs.every((p) => p.restarts === 0));
}

before(async () => {
	rooms = await roomsStart({ boxes: 1 });
	await rooms.run.running();
	({ site } = rooms.run.status());
	folder = mkdtempSync(join(tmpdir(), "kk-refusals-"));
	copyFileSync(`${site}/ca.pem`, `${folder}/site.pem`);
	execFileSync("openssl", ["pkey", "-in", `${site}/ca/ca.key`, "-passin",
		`file:${site}/ca.pass`, "-out", `${folder}/site.key`]);
	begun = await until("the room is in", async () => {
		const status = await roomStatus(rooms.boxes()[0]);

		return status.phase === "in" && status;
	}, alive);
});

after(async () => {
	await Promise.all(started.map((p) => p.stop()));
	await rooms?.stop();
	if (folder)
		rmSync(folder, { recursive: true });
});

const own = () => ({ ca: "site", trust: `${site}/ca.pem` });

test("a room with a wrong site token may not make a meeting", async () => {
	const token = join(folder, "token");

	writeFileSync(token, randomBytes(32), { mode: 0o600 });
	const face = await roomStart("Tokenlos", own(), [`--site-token=${token}`]);
	assert.deepEqual(await troubleOf(face),
	    { phase: "refused", trouble: "denied" });
	await undisturbed();
});

test("a room with a wrong secret is told so", async () => {
	const { link } = begun;
	const wrong = link.slice(0, -4) + (link.at(-4) === "A" ? "B" : "A") +
	    link.slice(-3);
	const face = await roomStart("Geheimlos", own(), [`--link=${wrong}`]);

	assert.deepEqual(await troubleOf(face),
	    { phase: "refused", trouble: "wrong-secret" });
	await undisturbed();
});

test("a room is told that the meeting is not known", async () => {
	const other = begun.link.replace(/#1\.[^.]*/,
	    `#1.${randomBytes(16).toString("base64url")}`);
	const face = await roomStart("Ortlos", own(), [`--link=${other}`]);

	assert.deepEqual(await troubleOf(face),
	    { phase: "refused", trouble: "unknown-meeting" });
	await undisturbed();
});

test("a room whose certificate proves nothing comes in not even as a guest",
    async () => {
	const link = `--link=${begun.link}`;
	const late = await roomStart("Vergangen", { ...own(), options: past },
	    [link]);
	const foreign = await roomStart("Fremd", { ca: "foreign",
		trust: `${site}/ca.pem` }, [link]);

	assert.equal((await troubleOf(late)).trouble, "expired");
	assert.equal((await troubleOf(foreign)).trouble, "foreign");
	await undisturbed();
});

test("a room of another site is not let in", async () => {
	const face = await roomStart("Nachbarn", { ca: "foreign",
		trust: `${folder}/foreign.pem` }, [`--link=${begun.link}`]);

	assert.equal((await troubleOf(face)).trouble, "not-admitted");
	await undisturbed();
});

test("a German guest is told in German", async () => {
	const browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0], language: "de-DE" });
	const [, base, id, secret] = rooms.run.status().link
	    .match(/^(.*)#1\.(.*)\.(.*)$/);
	const changed = (text) => text.slice(0, 3) +
	    (text[3] === "A" ? "B" : "A") + text.slice(4);

	for (const [link, words] of [
		[`${base}#1.${id}.${changed(secret)}`, /Geheimnis/],
		[`${base}#1.${changed(id)}.${secret}`, /nicht begonnen/],
		[`${base}#1.${id}`, /Link/]]) {
		const page = await pageOpen(browser, link);

		await page.waitForSelector("#name, [role=alert] h1");
		if (await page.$("#name"))
			await pageJoin(page, "Greta Gast");
		await page.waitForSelector("[role=alert] h1");
		assert.match(await page.textContent("[role=alert]"), words);
		await page.close();
	}
	await browser.stop();
	await undisturbed();
});
