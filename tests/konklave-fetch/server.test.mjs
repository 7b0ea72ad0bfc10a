/*
 * server.test.mjs - a server, or who stands before it, that lies: each ends with
 * a reason, and nothing is written.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Box, until } from "./box.mjs";
import { blockBytes, bundleMake, keysMake } from "./bundles.mjs";
import { part, partHead, serverStart } from "./server.mjs";

let keys, others, site, box, bundle;

before(() => {
	keys = keysMake(mkdtempSync(join(tmpdir(), "kk-keys-")));
	others = keysMake(mkdtempSync(join(tmpdir(), "kk-keys-")));
	bundle = bundleMake(keys);
});
after(() => [keys, others].forEach((folder) =>
    rmSync(folder, { recursive: true })));
beforeEach(async () => {
	site = await serverStart(keys);
	site.files = { "b.raucb": bundle.data };
	box = await new Box(keys, { fetch: ["--tries=3",
		`--source=${site.url("index.txt")}`] }).start();
});
afterEach(async () => {
	await box.close();
	await site.stop();
});

const refuses = (says) => box.refuses(says, "install", site.url("b.raucb"));
const ranges = () => site.asked.map((ask) => [ask.from, ask.to]);
const tail = () => site.asked.filter((ask) =>
    ask.to === ask.data?.length - 1);
const payload = () => site.asked.filter((ask) =>
    ask.to === bundle.payload - 1);

function flipped(at) {
	const data = Buffer.from(bundle.data);

	data[at] ^= 4;
	return data;
}

/* What it answers to the request that is for this part. */
function answers(which, how) {
	site.wrong = (rq, rs, ask) => {
		const kind = ask.from === undefined ? "whole" :
		    ask.to === ask.data.length - 1 ? "tail" :
		    ask.to === blockBytes - 1 ? "head" :
		    ask.to === bundle.payload - 1 ? "payload" : "tree";

		if (kind !== which) return false;
		how(rs, ask, rq);
		return true;
	};
}

test("another board's, an older one, the same: the end is enough", async () => {
	site.files["b.raucb"] = bundleMake(keys,
	    { board: "konklave-other" }).data;
	await refuses("board");
	site.files["b.raucb"] = bundleMake(keys, { version: 2 }).data;
	await refuses("older");
	site.files["b.raucb"] = bundleMake(keys, { version: 3 }).data;
	await refuses("same");
	assert.equal(site.asked.length, 3);
	assert.equal(tail().length, 3);
});

test("a signature of somebody else's: no more than a block is loaded",
    async () => {
	site.files["b.raucb"] = bundleMake(others).data;
	await refuses("signature");
	site.files["b.raucb"] = flipped(bundle.data.length - 60);
	await refuses("signature");
	site.files["b.raucb"] = flipped(bundle.data.length - 900);
	await refuses("signature");
	assert.ok(ranges().every(([from, to], i) => to - from < blockBytes ||
	    to === site.asked[i].data.length - 1));
	assert.equal(box.fetched(), "");
});

test("what is no bundle is none", async () => {
	for (const data of [Buffer.alloc(0), Buffer.from("<html>"),
		Buffer.alloc(200000), Buffer.alloc(200000, 255)]) {
		site.files["b.raucb"] = data;
		await refuses(data.length ? "signature" : "server");
	}
});

test("a wrong hash in the tree: no block of the payload is loaded", async () => {
	site.files["b.raucb"] = flipped(bundle.payload + blockBytes + 40);
	await refuses("format");
	assert.equal(payload().length, 0);
	assert.equal(box.fetched(), "");
});

test("a wrong block ends it at once, and nothing of it is kept", async () => {
	const block = 50;

	answers("payload", (rs, ask) => {
		const data = flipped(block * blockBytes + 77);

		/* The rest is never sent: who waits for it would not end. */
		rs.writeHead(206, partHead(ask));
		rs.write(data.subarray(ask.from, (block + 1) * blockBytes));
	});
	await refuses("format");
	assert.equal(payload().length, 1);
	assert.equal(box.fetched(), "");
});

test("another bundle between two requests is not mixed in", async () => {
	const other = bundleMake(keys);

	/* Only the signatures may differ in length, as ECDSA's do in DER. */
	assert.deepEqual([other.payload, other.tree],
	    [bundle.payload, bundle.tree]);
	answers("payload", (rs, ask) => rs.writeHead(206, partHead(ask))
	    .end(part({ ...ask, data: other.data })));
	await refuses("format");
	assert.equal(box.fetched(), "");
	answers("tree", (rs, ask) => rs.writeHead(206, partHead(ask))
	    .end(part({ ...ask, data: other.data })));
	await refuses("format");
});

test("sizes that do not agree", async () => {
	const head = (ask, range) => ({ ...partHead(ask),
		"content-range": range });
	const wrong = [
		(ask) => `bytes ${ask.from}-${ask.to}/${ask.data.length + 1}`,
		(ask) => `bytes ${ask.from + 1}-${ask.to + 1}/` +
		    ask.data.length,
		(ask) => `bytes ${ask.from}-${ask.to}/*`,
		() => "bytes 0-1/99999999999999999999",
		() => "nonsense",
	];

	for (const range of wrong) {
		answers("tree", (rs, ask) =>
		    rs.writeHead(206, head(ask, range(ask))).end(part(ask)));
		await refuses("server");
	}
	answers("tail", (rs, ask) => rs.writeHead(206, head(ask,
	    `bytes 9999934456-9999999999/10000000000`)).end(part(ask)));
	await refuses("server");
	assert.equal(payload().length, 0);
});

test("more than was asked for", async () => {
	for (const which of ["tail", "tree", "payload"]) {
		answers(which, (rs, ask) => {
			/* No length: it ends when we have enough of it. */
			rs.writeHead(206, { "content-range":
			    partHead(ask)["content-range"] });
			rs.write(part(ask));
			const more = () => rs.destroyed ||
			    rs.write(Buffer.alloc(65536), () =>
				setImmediate(more));

			more();
		});
		await refuses("server");
	}
});

test("no ranges, no file, another place: told, and not followed", async () => {
	const elsewhere = await serverStart(keys);

	elsewhere.files["b.raucb"] = bundle.data;
	answers("tail", (rs, ask) => rs.writeHead(200,
	    { "content-length": ask.data.length }).end(ask.data));
	await refuses("server");
	answers("tail", (rs) => rs.writeHead(404).end());
	await refuses("server");
	for (const place of [elsewhere.url("b.raucb"), "/other.raucb",
		"http://127.0.0.1:1/b.raucb", "file:///etc/hostname"]) {
		answers("tail", (rs) =>
		    rs.writeHead(302, { location: place }).end());
		await refuses("server");
	}
	assert.equal(elsewhere.asked.length, 0);
	assert.ok(site.asked.every((ask) => ask.url === "/b.raucb"));
	await elsewhere.stop();
});

test("a server in trouble is asked again, and not for ever", async () => {
	answers("tail", (rs) => rs.writeHead(503).end());
	await refuses("unreachable");
	assert.equal(site.asked.length, 3);
	let count = 0;

	answers("tail", (rs, ask) => count++ < 2 ? rs.writeHead(503).end() :
	    rs.writeHead(206, partHead(ask)).end(part(ask)));
	const done = await box.asks("install", site.url("b.raucb"));

	assert.equal(done.code, 0, done.out);
});

test("an index that is none, or does not agree with the bundle", async () => {
	const row = (line) => Buffer.from(`konklave-updates 1\n${line}\n`);
	const bytes = bundle.data.length;
	const look = async (data, says) => {
		site.files["index.txt"] = data;
		await box.refuses(says, "look");
	};

	await look(undefined, "server");
	await look(Buffer.from("<html>"), "server");
	await look(row(`konklave-test 4 ../b.raucb ${bytes}`), "server");
	await look(row(`konklave-test 4 https://x/b ${bytes}`), "server");
	assert.ok(site.asked.every((ask) => ask.url === "/index.txt"));
	await look(row(`konklave-test 4 b.raucb ${bytes + 1}`), "server");
	await look(row(`konklave-test 5 b.raucb ${bytes}`), "server");
	assert.equal(payload().length, 0);
	/* One that does not end. */
	site.wrong = (rq, rs) => {
		rs.writeHead(200);
		const more = () => rs.destroyed ||
		    rs.write("#".repeat(1000), () => setImmediate(more));

		more();
		return true;
	};
	await box.refuses("server", "look");
});

test("a certificate of somebody else's", async () => {
	const other = await serverStart(others);

	other.files["b.raucb"] = bundle.data;
	await box.refuses("certificate", "install", other.url("b.raucb"));
	assert.equal(other.asked.length, 0);
	await other.stop();
});

test("no URL but one of https is taken", async () => {
	for (const url of ["https://u:p@127.0.0.1/b.raucb", "https://a/b?c",
		"https://a"]) {
		const done = await box.asks("install", url);

		assert.equal(done.code, 1);
		assert.match(done.out, /EInval|Invalid/);
	}
	assert.equal((await box.asks("install", "http://a/b")).code, 1);
	assert.equal(site.asked.length, 0);
});

test("a disk without room: told before anything is loaded", async () => {
	await box.close();
	box = await new Box(keys, { fetch: ["--reserve=900000000"] }).start();
	await refuses("no_room");
	assert.equal(tail().length, site.asked.length);
	assert.equal(box.fetched(), "bundle.part");
	assert.equal(box.script("stat -c %s fetch/bundle.part").trim(), "0");
});

test("who loads is not there, or ends in its work", async () => {
	answers("payload", (rs, ask) => {
		rs.writeHead(206, partHead(ask));
		rs.write(part(ask).subarray(0, 100000));
	});
	const asked = box.asks("install", site.url("b.raucb"));

	await until(() => box.status().download?.state === "loading");
	await box.stop(box.fetch, "SIGKILL");
	assert.equal((await asked).code, 1);
	assert.equal(box.status().download.says, "no_fetcher");
	await refuses("no_fetcher");
});

test("it is loaded no faster than it may be", async () => {
	await box.close();
	box = await new Box(keys, { fetch: ["--rate=400"] }).start();
	const began = process.hrtime.bigint();
	const done = await box.asks("install", site.url("b.raucb"));
	const seconds = Number(process.hrtime.bigint() - began) / 1e9;

	assert.equal(done.code, 0, done.out);
	/* curl counts in spells, and sends the first at once: half of it is
	 * surely bound. */
	assert.ok(seconds > bundle.data.length / 400000 / 2,
	    `${seconds} s for ${bundle.data.length} bytes`);
});
