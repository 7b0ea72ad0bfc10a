/*
 * deliver.test.mjs - each packet that a publisher sends comes to each receiver,
 * once, as it was: by sfud with signalling, ICE and DTLS, and by the floor.
 * Times do not matter here.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { floorStart, loadRun, programs, sfudStart }
	from "../bench/sfu/servers.mjs";

async function delivers(start, options) {
	const server = await start();

	try {
		const r = await loadRun(server, { seconds: 1, sample: 3, ...options });

		assert.ok(r.sent > 0);
		assert.equal(r.due, r.sent * options.receivers);
		assert.equal(r.delivered, r.due);
		assert.deepEqual([r.missing, r.twice, r.late], [0, 0, 0]);
		assert.ok(r.opened >= r.delivered / 3 - options.receivers *
			(options.meetings ?? 1));
		assert.deepEqual([r.forged, r.wrong, r.strange], [0, 0, 0]);
		assert.equal(r.latencyUs.count, r.opened);
		assert.ok(r.cpuS > 0);
		assert.ok(r.usPerPacket > 0);
		return r;
	} finally {
		await server.stop();
	}
}

test("sfud delivers each packet of a camera and a microphone to each receiver",
	async () => {
		const r = await delivers(sfudStart, { receivers: 6, publishers: 2,
			rate: 60, audio: true });

		assert.equal(r.joinUs.count, 6);
		assert.equal(r.dtlsUs.count, 6);
		assert.equal(r.firstPacketUs.count, 6);
		assert.ok(r.keyRequests > 0);
	});

test("sfud keeps meetings apart", async () => {
	await delivers(sfudStart, { meetings: 4, receivers: 3, rate: 30 });
});

test("the floor delivers each packet, too", async () => {
	await delivers(floorStart, { meetings: 2, receivers: 5, rate: 60 });
});

test("packets of other sizes and in other pictures come as well", async () => {
	await delivers(sfudStart, { receivers: 2, rate: 40, frames: 7,
		bytes: 1400 });
	await delivers(sfudStart, { receivers: 2, rate: 5, frames: 20,
		bytes: 100 });
});

test("a server that is not there is a plain error", () => {
	const run = spawnSync(join(programs, "load"), ["--server=janus", "--port=1"],
		{ encoding: "utf8" });

	assert.equal(run.status, 1);
	assert.equal(run.stderr,
		"load: nobody answers at --port=1 as janus does\n");
	const help = spawnSync(join(programs, "load"), ["--help"],
		{ encoding: "utf8" });

	assert.equal(help.status, 0);
	assert.match(help.stdout, /^usage: load /);
	assert.equal(spawnSync(join(programs, "load"), []).status, 2);
});
