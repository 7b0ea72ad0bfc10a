/*
 * enrol.test.mjs - a certificate by stick for a box that is set up already: the real
 * keyd, roomd and forwarder, and a folder for the stick.  A script plays systemd, and
 * starts keyd again.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync,
	rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { freePorts, until } from "../sandbox/support.mjs";
import { varlinkCall } from "../system/varlink.mjs";

const bin = process.env.KK_BIN;
const pki = process.env.KK_PKI;
const sfud = process.env.KK_SFUD;
const running = [];
let folder, port;

const path = (name) => join(folder, name);
const read = (name) => readFileSync(path(name), "utf8");

function start(name, ...words) {
	const child = spawn(words[0], words.slice(1), { stdio: ["ignore", "pipe",
		"pipe"], cwd: folder });
	const p = { name, child, text: "" };

	for (const from of [child.stdout, child.stderr])
		from.on("data", (piece) => { p.text += piece; });
	p.ended = new Promise((done) => child.on("close", done));
	child.on("close", () => { p.hasEnded = true; });
	running.push(p);
	return p;
}

const isReady = (p) => until(`${p.name} is ready`, () => /ready/.test(p.text),
    () => !p.hasEnded);

function runs(program, ...words) {
	const done = spawnSync(program, words, { encoding: "utf8" });

	assert.equal(done.status, 0, done.stderr);
	return done.stdout;
}

/* Its keyd is started again as systemd would. */
async function boxStart(name, called, ...more) {
	const keyd = [`${bin}/keyd`, `--state=${path(`${name}.keys`)}`,
		`--wrap-key=${path("wrap")}`, `--name=${called}`,
		`--trust=${path("ca/ca.pem")}`,
		...["setup", "policy"].map((role) =>
		    `--socket=${role}:${path(`${name}.${role}`)}`)];

	for (const part of ["keys", "room"])
		mkdirSync(path(`${name}.${part}`), { mode: 0o700 });
	await isReady(start(`${name}'s keyd`, "sh", "-c",
	    'while [ ! -e stop ]; do "$@" & echo $! >$0; wait $!; done',
	    `${name}.pid`, ...keyd));
	const roomd = start(`${name}'s roomd`, `${bin}/roomd`,
	    `--state=${path(`${name}.room`)}`, `--keyd=${path(`${name}.policy`)}`,
	    `--socket=face:${path(`${name}.face`)}`, `--server=localhost:${port}`,
	    ...more);

	await isReady(roomd);
	return roomd;
}

const room = (name) => varlinkCall(path(`${name}.face`),
    "io.konklave.Room.Status");
const isIn = (name) => until(`${name} is in`, async () =>
    (await room(name)).phase === "in" && (await room(name)).people.length > 0);
const self = async (name) => (await room(name)).people?.find((one) => one.isSelf);

const words = (verb, ...more) => [`${bin}/konklave-welcome`,
	`--folder=${path("exchange")}`, `--keyd=${path("box.setup")}`,
	`--lines-keyd=${path("none")}`, `--roomd=${path("box.face")}`,
	`--systemctl=${path("systemctl")}`, `--notices=${path("notices")}`,
	verb, ...more];
/* What the room's picture is told. */
const told = (as = "certificate") => read(`notices/${as}`);

const enrol = (language = "en") => spawnSync(words("enrol")[0],
    words("enrol").slice(1), { encoding: "utf8",
	    env: { ...process.env, KK_LANG: language } });

const request = () => readdirSync(path("stick")).find((name) =>
    name.endsWith(".csr"));
const chain = () => request().replace(".csr", ".pem");

/* Onto the stick, by that CA. */
const issue = (ca, ...more) => runs(pki, "issue", "box",
    path(`stick/${request()}`), `--ca=${path(ca)}`,
    `--out=${path(`stick/${chain()}`)}`, "--yes",
    `--passphrase-file=${path("pass")}`, ...more);

before(async () => {
	folder = mkdtempSync(join(tmpdir(), "enrol-"));
	port = await freePorts(4);
	for (const name of ["exchange", "stick", "sfu", "notices"])
		mkdirSync(path(name), { mode: 0o700 });
	writeFileSync(path("wrap"), Buffer.alloc(32, 7), { mode: 0o600 });
	writeFileSync(path("pass"), "correct horse battery\n", { mode: 0o600 });
	writeFileSync(path("systemctl"), `#!/bin/sh
[ "$*" = "try-restart keyd.service" ] && exec kill $(cat ${path("box.pid")})
`);
	chmodSync(path("systemctl"), 0o755);
	for (const ca of ["ca", "other"])
		runs(pki, "init", `--ca=${path(ca)}`, `--name=${ca}`,
		    `--passphrase-file=${path("pass")}`);
	execFileSync(sfud, ["--make-token=token"], { cwd: folder });
	await isReady(start("sfud", sfud, `--state=${path("sfu")}`,
	    `--site-token-hash=${path("token-hash")}`, "--workers=1",
	    `--listen-loopback=${port}`, `--media-port=${port + 1}`,
	    "--media-over=udp"));
	await boxStart("box", "Room 4", `--site-token=${path("token")}`,
	    "--page=https://meet.example");
	await isIn("box");
});

after(async () => {
	writeFileSync(path("stop"), "");
	for (const name of ["box", "lines", "guest"])
		if (existsSync(path(`${name}.pid`)))
			spawnSync("kill", [read(`${name}.pid`).trim()]);
	for (const p of running)
		p.child.kill("SIGTERM");
	await Promise.all(running.map((p) => p.ended));
	rmSync(folder, { recursive: true });
});

test("a stick that asks gets the request, and no key", () => {
	const said = runs(...words("ask", path("stick")));

	assert.match(request(), /^konklave-[0-9a-f]{8}\.csr$/);
	assert.match(said, new RegExp(`^${request()}: the request for this`));
	assert.match(read(`stick/${request()}`), /BEGIN CERTIFICATE REQUEST/);
	assert.doesNotMatch(read(`stick/${request()}`), /PRIVATE/);
	assert.match(told(), new RegExp(`^request-put 0 \\d+ ${request()}\n$`));
});

test("without a certificate on it nothing is done, and nothing said", () => {
	runs(...words("look", path("stick")));
	const done = enrol();

	assert.equal(done.status, 0, done.stderr);
	assert.equal(done.stdout, "");
	assert.deepEqual(readdirSync(path("exchange")), []);
});

test("a certificate of another box is told, with the name of its own", () => {
	rmSync(path("notices/certificate"));
	runs(...words("look", path("stick")));
	assert.ok(!existsSync(path("notices/certificate")));
	writeFileSync(path("stick/konklave-00000000.pem"), "x");
	runs(...words("look", path("stick")));
	assert.match(told(), new RegExp(
	    `^certificate-other 0 \\d+ ${chain()}\n$`));
	rmSync(path("stick/konklave-00000000.pem"));
});

test("what no stick should have is not taken over", () => {
	const wrong = [
		["a link", (to) => symlinkSync("/etc/passwd", to)],
		["a folder", (to) => mkdirSync(to)],
		["what is too large", (to) => {
			writeFileSync(to, "");
			truncateSync(to, 1 << 30);
		}],
	];

	for (const [name, make] of wrong) {
		make(path(`stick/${chain()}`));
		assert.equal(spawnSync(words("look")[0],
		    words("look", path("stick")).slice(1)).status, 1, name);
		assert.deepEqual(readdirSync(path("exchange")), [], name);
		rmSync(path(`stick/${chain()}`), { recursive: true });
	}
});

test("what is wrong with a certificate is told, and the box goes on", async () => {
	const pid = read("box.pid");

	writeFileSync(path(`stick/${chain()}`), "not a certificate");
	runs(...words("look", path("stick")));
	assert.match(enrol().stdout, /^konklave-.*\.pem: .*file is damaged/);
	assert.match(told(), new RegExp(
	    `^certificate-failed 0 \\d+ ${chain()}\n$`));
	issue("other");
	runs(...words("look", path("stick")));
	const german = enrol("de");

	assert.equal(german.status, 1);
	assert.match(german.stdout, /CA, der dieses Gerät nicht vertraut/);
	assert.match(told(), /^certificate-foreign /);
	assert.deepEqual(readdirSync(path("exchange")), []);
	assert.equal(read("box.pid"), pid);
	assert.equal((await self("box")).verified, false);
	rmSync(path(`stick/${chain()}`));
});

test("alone in its meeting the box takes it, and is verified there", async () => {
	const { link } = await room("box");

	assert.equal((await self("box")).verified, false);
	issue("ca", "--days=300");
	runs(...words("look", path("stick")));
	assert.match(enrol().stdout, /The certificate is taken/);
	assert.match(told(), /^certificate-taken /);
	await until("it is in as verified", async () =>
	    (await self("box"))?.verified);
	assert.equal((await room("box")).link, link);
	assert.deepEqual(readdirSync(path("exchange")), []);
});

test("an older certificate, or the same, changes nothing", () => {
	const pid = read("box.pid");

	runs(...words("look", path("stick")));
	assert.match(enrol().stdout, /lasts as long, or longer/);
	assert.match(told(), /^certificate-same /);
	rmSync(path(`stick/${chain()}`));
	issue("ca", "--days=200");
	runs(...words("look", path("stick")));
	assert.match(enrol("de").stdout, /so lange gilt oder länger/);
	assert.equal(read("box.pid"), pid);
});

test("its own telephone lines are nobody in its meeting", async () => {
	const lines = await boxStart("lines", "Lines of Room 4",
	    `--link=${(await room("box")).link}`);

	await until("they are there", async () =>
	    (await room("box")).people.length === 2);
	/* They have a request of their own, and a stick gets both. */
	mkdirSync(path("other stick"));
	const both = runs(...words("ask", path("other stick")).map((word) =>
	    word.replace(path("none"), path("lines.setup"))));

	assert.match(both, /request for this box's .*\n.* telephone lines' /);
	assert.equal(readdirSync(path("other stick")).length, 2);
	assert.match(told("lines-certificate"), /^request-put /);
	rmSync(path(`stick/${chain()}`));
	issue("ca", "--days=350");
	runs(...words("look", path("stick")));
	const done = enrol();

	assert.match(done.stdout, /The certificate is taken/);
	assert.doesNotMatch(done.stdout, /meeting/);
	for (const name of ["box", "lines"])
		await until(`${name} sees both`, async () => {
			const { people } = await room(name);

			return people?.length === 2 && people.some((one) =>
			    one.verified && one.name === "Room 4");
		});
	lines.child.kill("SIGTERM");
	await until("it is alone", async () =>
	    (await room("box")).people?.length === 1);
});

test("in a meeting it waits for its end, and takes it then", async () => {
	const pid = read("box.pid");
	const guest = await boxStart("guest", "Room 5", `--link=${(await room("box")).link}`);

	await until("both are there", async () =>
	    (await room("box")).people.length === 2);
	rmSync(path(`stick/${chain()}`));
	issue("ca", "--days=400");
	runs(...words("look", path("stick")));
	rmSync(path(`stick/${chain()}`)); // it is pulled out
	const waiting = start("enrol", ...words("enrol"));

	await until("it says that it waits", () =>
	    /in a meeting/.test(waiting.text), () => !waiting.hasEnded);
	assert.match(told(), /^certificate-waits /);
	assert.equal(read("box.pid"), pid);
	guest.child.kill("SIGTERM");
	assert.equal(await waiting.ended, 0, waiting.text);
	assert.match(waiting.text, /The certificate is taken/);
	await until("keyd was started again", () =>
	    !["", pid].includes(read("box.pid")));
	/* keyd starts again meanwhile. */
	const has = await until("keyd answers", () => varlinkCall(
	    path("box.setup"), "io.konklave.Keys.Enrolment").catch(() => null));

	assert.ok(has.until * 1000 - Date.now() > 390 * 86400_000);
	await until("it is in again", async () => (await self("box"))?.verified);
});
