/*
 * fetch.test.mjs - updates from a site's server and from sticks: what is loaded,
 * in which order, what goes on after a break, and what waits for a meeting.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from
	"node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Box, until } from "./box.mjs";
import { blockBytes, bundleMake, keysMake } from "./bundles.mjs";
import { part, partHead, serverStart } from "./server.mjs";

let keys, site, box, bundle;

before(() => {
	keys = keysMake(mkdtempSync(join(tmpdir(), "kk-keys-")));
	bundle = bundleMake(keys);
});
after(() => rmSync(keys, { recursive: true }));
beforeEach(async () => { site = await serverStart(keys); });
afterEach(async () => {
	await box?.close();
	await site.stop();
	box = undefined;
});

const index = (version, bytes = bundle.data.length, file = "b.raucb") =>
    Buffer.from(`konklave-updates 1\nkonklave-other 9 o.raucb 5\n` +
	`konklave-test ${version} ${file} ${bytes}\n`);
const ranges = () => site.asked.map((ask) => [ask.from, ask.to]);

function serve(version = 4) {
	site.files = { "b.raucb": bundle.data, "index.txt": index(version) };
}

async function boxStart(fetch = [], update = []) {
	box = new Box(keys, { fetch: [`--source=${site.url("index.txt")}`,
		...fetch], update });
	return box.start();
}

/* Answers with so much of what was asked for, and then breaks off. */
const breaks = (bytes) => (rq, rs, ask) => {
	if (ask.from !== undefined && ask.to === bundle.payload - 1) {
		rs.writeHead(206, partHead(ask));
		rs.write(part(ask).subarray(0, bytes), () => rs.destroy());
		return true;
	}
	return false;
};

/* The same, but it waits for ever; what was sent is there. */
const halts = (bytes) => (rq, rs, ask) => {
	if (ask.from !== undefined && ask.to === bundle.payload - 1) {
		rs.writeHead(206, partHead(ask));
		rs.write(part(ask).subarray(0, bytes));
		return true;
	}
	return false;
};

const loaded = (bytes) => until(() => {
	const n = box.status().download;
	return n?.state === "loading" && n.bytes >= bytes;
}, `${bytes} loaded`);

test("a bundle at a URL is loaded end first, and installed", async () => {
	serve();
	await boxStart();
	const done = await box.asks("install", site.url("b.raucb"));

	assert.equal(done.code, 0, done.out);
	box.installed("b");
	const tail = bundle.data.length - 65544;

	assert.deepEqual(ranges(), [[tail, bundle.data.length - 1],
		[0, blockBytes - 1],
		[bundle.payload, bundle.payload + bundle.tree - 1],
		[blockBytes, bundle.payload - 1]]);
	for (const { headers } of site.asked) {
		assert.equal(headers.cookie, undefined);
		assert.equal(headers.authorization, undefined);
	}
	await until(() => box.fetched() === "");
	await until(() => box.has("reboots"));
});

test("a look loads what is newer, and asks for no more than the index else",
    async () => {
	serve(3);
	await boxStart();
	const same = await box.asks("look");

	assert.equal(same.code, 0, same.out);
	assert.match(same.out, /runs already/);
	serve(2); /* what an old index would have us go back to */
	await box.refuses("older", "look");
	site.files["index.txt"] = Buffer.from("konklave-updates 1\n");
	await box.refuses("not_offered", "look");
	assert.deepEqual(site.asked.map((ask) => ask.url),
	    ["/index.txt", "/index.txt", "/index.txt"]);
	serve(4);
	const done = await box.asks("look");

	assert.equal(done.code, 0, done.out);
	box.installed("b");
});

test("without a source nobody is asked", async () => {
	serve();
	box = await new Box(keys).start();
	await box.refuses("no_source", "look");
	assert.equal(site.asked.length, 0);
});

test("broken connections are gone on from, and no block is asked for twice",
    async () => {
	serve();
	await boxStart();
	site.wrong = breaks(1500 * 1024 + 100);
	const done = await box.asks("install", site.url("b.raucb"));

	assert.equal(done.code, 0, done.out);
	box.installed("b");
	const begins = ranges().slice(3).map(([from]) => from);

	assert.ok(begins.length >= 5);
	assert.equal(begins[0], blockBytes);
	for (let i = 1; i < begins.length; i++) {
		assert.equal(begins[i] % blockBytes, 0);
		assert.ok(begins[i] > begins[i - 1]);
	}
});

test("after a server that says nothing it ends, and what was loaded is kept",
    async () => {
	serve();
	await boxStart(["--tries=3"]);
	site.wrong = (rq, rs, ask) => {
		if (ask.to !== bundle.payload - 1) return false;
		if (ask.from > blockBytes) rs.destroy();
		else breaks(500000)(rq, rs, ask);
		return true;
	};
	await box.refuses("unreachable", "install", site.url("b.raucb"));
	assert.equal(box.fetched(), "bundle.part");
	site.wrong = undefined;
	const before = site.asked.length;
	const done = await box.asks("install", site.url("b.raucb"));

	assert.equal(done.code, 0, done.out);
	/* Its end again; then what is not there. */
	assert.deepEqual(ranges().slice(before + 1),
	    [[(1 + Math.floor(500000 / blockBytes)) * blockBytes,
		bundle.payload - 1]]);
	box.installed("b");
});

test("a stalled connection is given up", async () => {
	serve();
	await boxStart(["--tries=1", "--stall-seconds=1"]);
	site.wrong = halts(0);
	await box.refuses("unreachable", "install", site.url("b.raucb"));
});

test("what was verified is gone on from when the box starts again",
    async () => {
	serve();
	await boxStart();
	site.wrong = halts(800000);
	const asked = box.asks("install", site.url("b.raucb"));

	await loaded(790000);
	await box.kill();
	assert.equal((await asked).code, 1);
	site.wrong = undefined;
	/* Power took what was not on the disk yet. */
	box.script("dd if=/dev/zero of=fetch/bundle.part bs=4096 seek=100 " +
	    "count=20 conv=notrunc status=none");
	await box.start();
	const before = site.asked.length;
	const done = await box.asks("install", site.url("b.raucb"));

	assert.equal(done.code, 0, done.out);
	assert.deepEqual(ranges().slice(before + 1),
	    [[100 * blockBytes, bundle.payload - 1]]);
	box.installed("b");
});

test("the room's picture is told how much is loaded", async () => {
	serve();
	await boxStart();
	const told = () => box.read("notices/update");

	site.wrong = halts(bundle.payload / 2);
	const asked = box.asks("install", site.url("b.raucb"));

	/* It is told before its share is seen. */
	await loaded(bundle.payload * 0.4);
	const [, percent] = told().match(/^update-loading (\d+) \d+\n$/);

	assert.ok(percent >= 30 && percent <= 60, percent);
	box.runs("cancel");
	assert.equal((await asked).code, 1);
	assert.match(told(), /^none 0 \d+\n$/);
	/* In a meeting it may be loaded, and waits. */
	box.room.say(true);
	await until(() => box.status().isInMeeting);
	site.wrong = undefined;
	assert.equal((await box.asks("install", site.url("b.raucb"))).code, 0);
	assert.match(told(), /^update-loaded 0 \d+\n$/);
	box.room.say(false);
	await until(() => /^update-restarting /.test(told()));
});

test("a download that is cancelled ends, and nothing is installed", async () => {
	serve();
	await boxStart();
	site.wrong = halts(100000);
	const asked = box.asks("install", site.url("b.raucb"));

	await loaded(90000);
	const text = box.command(["status"], "de").stdout;

	assert.match(text, /Die Aktualisierung wird geladen/);
	assert.match(text, new RegExp(`Von: ${site.url("b.raucb")}`));
	assert.match(text, /Geladen: 0 von 9 MB\./);
	box.runs("cancel");
	assert.equal((await asked).code, 1);
	assert.equal(box.status().download.says, "cancelled");
	box.nothingWritten();
	/* Who loads has ended as well. */
	site.wrong = undefined;
	assert.equal((await box.asks("install", site.url("b.raucb"))).code, 0);
});

test("in a meeting it is loaded, and installed when that is over", async () => {
	serve();
	await boxStart();
	box.room.say(true);
	await until(() => box.status().isInMeeting);
	const done = await box.asks("look");

	assert.equal(done.code, 0, done.out);
	assert.match(done.out, /as soon as no meeting is on/);
	assert.equal(box.status().download.state, "ready");
	assert.equal(box.fetched(), "bundle.raucb");
	box.nothingWritten();
	box.room.say(false);
	await until(() => box.status().next === "b");
	box.installed("b");
});

test("an update that waits is not forgotten by a service that starts again",
    async () => {
	serve();
	await boxStart([], ["--restart-seconds=600"]);
	assert.equal((await box.asks("look")).code, 0);
	assert.equal(box.status().state, "restarting");
	box.room.say(true);
	await until(() => box.status().state === "waiting");
	await box.stop(box.update, "SIGKILL");
	box.script("rm control");
	box.options.update = [];
	await box.startUpdate();
	assert.equal(box.status().state, "waiting");
	assert.equal(box.status().says, "ready");
	assert.equal(box.has("reboots"), false);
	box.room.say(false);
	await until(() => box.has("reboots"));
});

test("a version that did not work is not installed by itself again",
    async () => {
	serve();
	await boxStart();
	assert.equal((await box.asks("look")).code, 0);
	await until(() => box.has("reboots"));
	await box.kill();
	box.boot("b", 4); /* and it is not confirmed */
	box.boot("a", 3);
	await box.start();
	assert.equal(box.status().says, "came_back");
	box.script("cp -a slot-b before/; rm -r before/vars before/esp; " +
	    "cp -a vars esp before/; rm state/failed.new 2>/dev/null || :");
	const before = site.asked.length;
	const again = await box.asks("look");

	assert.equal(again.code, 1);
	assert.match(again.out, /tried here and did not work/);
	assert.deepEqual(site.asked.slice(before).map((ask) => ask.url),
	    ["/index.txt"]);
	box.script("mkdir stick");
	writeFileSync(box.path("stick/konklave-test.raucb"), bundle.data);
	assert.equal((await box.asks("stick", box.path("stick"))).code, 1);
	assert.equal(box.status().says, "failed_before");
	assert.equal(box.status().next, "a");
	/* Who asks for it by himself gets it. */
	const asked = await box.asks("install", site.url("b.raucb"));

	assert.equal(asked.code, 0, asked.out);
	assert.equal(box.status().next, "b");
});

test("a stick's bundle is installed, and what is wrong is told", async () => {
	await boxStart();
	const stick = box.path("stick");
	const put = (data) => writeFileSync(join(stick, "konklave-test.raucb"),
	    data);
	const broken = Buffer.from(bundle.data);

	mkdirSync(stick);
	assert.deepEqual(await box.asks("stick", stick), { code: 0, out: "" });
	broken[bundle.payload / 2] ^= 1;
	put(broken);
	await box.refuses("format", "stick", stick);
	put(bundleMake(keys, { board: "konklave-other" }).data);
	await box.refuses("board", "stick", stick);
	put(bundleMake(keys, { version: 2 }).data);
	await box.refuses("older", "stick", stick);
	put("");
	await box.refuses("format", "stick", stick);
	box.room.say(true);
	await until(() => box.status().isInMeeting);
	put(bundle.data);
	await box.refuses("meeting", "stick", stick);
	box.room.say(false);
	await until(() => !box.status().isInMeeting);
	const done = await box.asks("stick", stick);

	assert.equal(done.code, 0, done.out);
	assert.match(done.out, /found on the stick/);
	box.installed("b");
});

/* --- a proxy --------------------------------------------------------------- */

async function freePort() {
	const server = net.createServer();

	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	const { port } = server.address();

	await new Promise((done) => server.close(done));
	return port;
}

test("with a proxy all goes through it, by CONNECT", async (t) => {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), "kk-proxy-"));
	const conf = join(folder, "conf"), log = join(folder, "log");

	writeFileSync(conf, `Port ${port}\nListen 127.0.0.1\nTimeout 60\n` +
	    `MaxClients 20\nAllow 127.0.0.1\nConnectPort ${site.port}\n` +
	    `LogFile "${log}"\nLogLevel Connect\n`);
	const proxy = spawn("tinyproxy", ["-d", "-c", conf],
	    { stdio: "ignore" });

	t.after(async () => {
		proxy.kill();
		await new Promise((done) => proxy.on("exit", done));
		rmSync(folder, { recursive: true });
	});
	await until(() => new Promise((done) => {
		const socket = net.connect(port, "127.0.0.1");

		socket.on("connect", () => { socket.destroy(); done(true); });
		socket.on("error", () => done(false));
	}), "the proxy");
	serve();
	const way = join(folder, "way");

	writeFileSync(way, `http://u:p@127.0.0.1:${port}\n`, { mode: 0o600 });
	await boxStart([`--proxy=${way}`, "--no-proxy=.example,127.0.0.2"]);
	const done = await box.asks("look");

	assert.equal(done.code, 0, done.out);
	box.installed("b");
	const tunnels = readFileSync(log, "utf8").match(
	    new RegExp(`CONNECT 127\\.0\\.0\\.1:${site.port}`, "g")) ?? [];
	const connections = new Set(site.asked.map((ask) => ask.port));

	assert.ok(connections.size > 0);
	assert.ok(tunnels.length >= connections.size);
});

test("a proxy that is not there is no reason to go without it", async () => {
	serve();
	const way = join(keys, "way");

	writeFileSync(way, `http://127.0.0.1:${await freePort()}\n`,
	    { mode: 0o600 });
	await boxStart([`--proxy=${way}`, "--tries=2"]);
	await box.refuses("unreachable", "look");
	assert.equal(site.asked.length, 0);
	await box.close();
	/* But for what is named. */
	await boxStart([`--proxy=${way}`, "--no-proxy=127.0.0.1,"]);
	assert.equal((await box.asks("look")).code, 0);
});
