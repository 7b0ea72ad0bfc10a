/*
 * bad-network.test.mjs - a guest behind a link that loses 5 % of all packets
 * and takes 100 ms each way, and a box whose media lose 5 % as well; each link
 * is cut for a while, and the box moves to another address.
 *
 * Runs itself again in a network namespace of its own: there the box and the
 * forwarder are, and each behind a shaper, in a second and a third one, the
 * guest's browser and the box's mediad.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
	symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { browserStart, pageJoin, pageOpen, pageRecord, pageState, pageStrips }
	from "./browser.mjs";
import { ownNet } from "./own-net.mjs";
import { filmMake } from "./pictures.mjs";
import { guestNumber, roomsStart, roomStatus, roomStrips, until }
	from "./rooms.mjs";
import { heard, rate, speechMake, wavRead } from "./sounds.mjs";
import { stripAdvance } from "./strip.mjs";

const lossPercent = 5, delayMs = 100; /* each way */
const boxDelayMs = 10;
const cutMs = 5000;
const looks = 20; /* at each side's pictures */
const stillMax = 8; /* looks one after the other that show nothing new */
const hearSeconds = 12;
const sureMin = 3; /* pieces of half a second that are surely of the speech */
const skip = ownNet(fileURLToPath(import.meta.url));

let folder, rooms, browser, page, boxShaper;

const alive = () => !rooms.run.hasEnded;
const box = () => rooms.boxes()[0];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const timeOf = (strips, number) => Object.values(strips ?? {})
    .find((strip) => strip.number === number)?.time;
const seen = { page: async () => timeOf(await pageStrips(page), 1),
	box: async () => timeOf(roomStrips(box()), guestNumber) };

/* The browser behind the shaper, whose pid is in a file. */
function programMake() {
	const path = join(folder, "browser");

	writeFileSync(path, `#!/bin/sh\necho $$ >${folder}/pid\n` +
	    `exec ${process.env.KK_SHAPER} --loss=${lossPercent} ` +
	    `--delay-ms=${delayMs} /usr/bin/chromium "$@"\n`);
	chmodSync(path, 0o755);
	return path;
}

/* A namespace that the box's media are to be in. */
async function boxShaperStart() {
	const child = spawn(process.env.KK_SHAPER, ["--net=1",
		`--loss=${lossPercent}`, `--delay-ms=${boxDelayMs}`, "sh", "-c",
		`echo $$ >${folder}/box.new && mv ${folder}/box.new ` +
		`${folder}/box && exec sleep infinity`], { stdio: "inherit" });

	await until("the box's link is there", () =>
		existsSync(join(folder, "box")), () => child.exitCode === null);
	return child;
}

/* The programs, of which mediad goes into that namespace. */
function programsMake() {
	const made = join(folder, "programs"), bin = process.env.KK_BIN;

	mkdirSync(made);
	for (const name of ["sfud", "webd", "keyd", "roomd"])
		symlinkSync(join(bin, name), join(made, name));
	writeFileSync(join(made, "mediad"), "#!/bin/sh\n" +
	    `exec nsenter --net=/proc/$(cat ${folder}/box)/ns/net ` +
	    `${bin}/mediad "$@"\n`);
	chmodSync(join(made, "mediad"), 0o755);
	return made;
}

const mediadLog = () => readFileSync(join(rooms.folder,
    "state/log/mediad.log"), "utf8");

const shaper = () => Number(readFileSync(join(folder, "pid"), "utf8"));

/* How many looks of one side in a row showed nothing new, at worst. */
async function stillLooks(side) {
	let last = await seen[side](), still = 0, worst = 0;

	for (let i = 0; i < looks; i++) {
		await wait(1100); /* a room's picture is new each second */
		const now = await seen[side]();

		still = now === undefined || now === last ? still + 1 : 0;
		worst = Math.max(worst, still);
		last = now ?? last;
	}
	return worst;
}

async function bothSee(what) {
	const first = {};

	await until(`${what}: each sees the other's picture go on`, async () => {
		for (const side of Object.keys(seen)) {
			const now = await seen[side]();

			if (now === undefined)
				return false;
			first[side] ??= now;
			if (now === first[side])
				return false;
		}
		return true;
	}, alive);
	await until(`${what}: two people, one code`, async () => {
		const [status, state] = [await roomStatus(box()),
			await pageState(page)];

		return status.people.length === 2 && state.people.length === 2 &&
		    status.code === state.code;
	}, alive);
}

before(async () => {
	if (skip)
		return;
	folder = mkdtempSync(join(tmpdir(), "kk-bad-network-"));
	filmMake(join(folder, "guest.y4m"), { number: guestNumber });
	speechMake(join(folder, "guest.wav"),
	    "Seven silver swans swam silently seaward on a Sunday.",
	    { pitch: 40, pause: 3 });
	/* First, for the links to be there when the forwarder looks for its own;
	 * and the guest's before the box's, since pages are served at the first. */
	browser = await browserStart({ film: join(folder, "guest.y4m"),
		speech: join(folder, "guest.wav"), program: programMake(),
		trustsAll: true });
	boxShaper = await boxShaperStart();
	rooms = await roomsStart({ boxes: 1, from: programsMake() });
	await rooms.run.running();
});

after(async () => {
	await browser?.stop();
	await rooms?.stop();
	boxShaper?.kill();
	if (folder)
		rmSync(folder, { recursive: true });
});

test("the call comes up", { skip }, async () => {
	assert.match(box().link, /^https:\/\/10\.77\.0\.1:/);
	page = await pageOpen(browser, box().link);
	await pageJoin(page, "Greta Guest");
	await bothSee("at the start");
});

test("pictures go on in both directions", { skip }, async (t) => {
	const [inPage, inBox] = await Promise.all([stillLooks("page"),
		stillLooks("box")]);

	t.diagnostic(`looks without anything new, of ${looks}: at the page ` +
	    `${inPage}, at the box ${inBox}`);
	assert.ok(inPage <= stillMax, `page: ${inPage}`);
	assert.ok(inBox <= stillMax, `box: ${inBox}`);
});

test("each hears the other", { skip }, async (t) => {
	const inPage = heard(await pageRecord(page, hearSeconds),
	    wavRead(rooms.speeches[1]));
	const all = wavRead(join(box().folder, "heard.wav"));
	const inBox = heard(all.subarray(Math.max(0, all.length -
	    hearSeconds * rate)), wavRead(join(folder, "guest.wav")));

	t.diagnostic(JSON.stringify({ inPage, inBox }));
	assert.ok(inPage.sure >= sureMin, `page: ${inPage.sure}`);
	assert.ok(inBox.sure >= sureMin, `box: ${inBox.sure}`);
});

test(`the link is cut for ${cutMs / 1000} s, and all heals by itself`, { skip },
    async (t) => {
	const before = await pageState(page);

	process.kill(shaper(), "SIGUSR1");
	await wait(cutMs / 2); /* what had come is shown */
	const still = await seen.page();
	await wait(cutMs / 2);
	assert.equal(await seen.page(), still);
	process.kill(shaper(), "SIGUSR2");
	const from = Date.now();

	await until("something new is seen", async () =>
		(await seen.page()) !== still, alive);
	await bothSee("after the cut");
	const now = await pageState(page);
	t.diagnostic(`healed after ${Date.now() - from} ms; server entered ` +
	    `${before.links} times before, ${now.links} after`);
	assert.equal(now.phase, "in");
	assert.equal(now.trouble ?? null, null);
});

test("the box's way is cut, and it finds another without a new transport",
    { skip }, async (t) => {
	process.kill(boxShaper.pid, "SIGUSR1");
	await until("the box looks for another way", () =>
		/link begins ICE anew/.test(mediadLog()), alive);
	process.kill(boxShaper.pid, "SIGUSR2");
	await bothSee("after the box's cut");
	const log = mediadLog(), anew = log.match(/link begins ICE anew .*/)[0];

	t.diagnostic(anew);
	assert.match(log, /link state=silent/);
	assert.equal(log.match(/link state=gathering/g).length, 1);
	assert.doesNotMatch(log, /link state=lost/);
	/* Until then the forwarder has missed some, and got them. */
	assert.match(anew, / resent=[1-9]/);
});

/* In the box's namespace. */
function ip(...args) {
	const pid = readFileSync(join(folder, "box"), "utf8").trim();
	const { status, stdout, stderr } = spawnSync("nsenter",
	    [`--net=/proc/${pid}/ns/net`, "ip", ...args], { encoding: "utf8" });

	assert.equal(status, 0, stderr);
	return stdout;
}

test("the box's address changes, and it goes on from the new one", { skip },
    async () => {
	const anew = () => mediadLog().match(/link begins ICE anew/g).length;
	const before = anew();
	const [, device] = ip("-o", "-4", "address", "show", "to", "10.77.1.2")
	    .match(/^\d+: (\S+)/);

	ip("address", "flush", "dev", device);
	ip("address", "add", "10.77.1.9/24", "dev", device);
	await until("it looks for another way", () => anew() > before, alive);
	await bothSee("from the new address");
	assert.equal(mediadLog().match(/link state=gathering/g).length, 1);
	assert.doesNotMatch(mediadLog(), /link state=lost/);
});

test("it leaves, and the box is alone", { skip }, async () => {
	await page.click(".control.leave");
	await until("the box is alone", async () =>
		(await roomStatus(box())).people.length === 1, alive);
});
