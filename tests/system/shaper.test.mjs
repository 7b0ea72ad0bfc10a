/*
 * shaper.test.mjs - the bad network loses, delays and cuts as it is told.
 *
 * Runs itself again in a network namespace of its own ("here"), and behind the
 * shaper ("there"): 60 datagrams go there and back.  They are large beside what
 * IPv6 says of itself on a new link.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const shaper = process.env.KK_SHAPER ?? "build/bin/shaper";
const self = fileURLToPath(import.meta.url);
const packets = 60;
const bytes = 500;
const port = 7777;

const bind = (socket, address) => new Promise((done) => {
	socket.bind({ port: address ? port : 0, address }, done);
});

/*
 * Behind the link: sends, and prints what came back.  "paced": one each 2 ms;
 * "burst": together, however slow this machine is; "turns": one after the
 * answer to the last.
 */
async function there(how) {
	const socket = createSocket("udp4");
	const sent = new Map();
	const ms = [];
	let quiet = 0;

	/* In turns of this program, which a stopped machine does not count. */
	const tick = async () => {
		await new Promise((done) => setTimeout(done, 10));
		quiet++;
	};

	socket.on("message", (m) => {
		ms.push(performance.now() - sent.get(m.readUInt16BE()));
		quiet = 0;
	});
	await bind(socket);
	for (let i = 0; i < packets && quiet < 100; i++) {
		const m = Buffer.alloc(bytes);

		m.writeUInt16BE(i);
		sent.set(i, performance.now());
		socket.send(m, port, "10.77.0.1");
		if (how === "paced")
			await new Promise((done) => setTimeout(done, 2));
		while (how === "turns" && ms.length <= i && quiet < 100)
			await tick();
	}
	quiet = Math.min(quiet, 100);
	while (quiet < 100 && ms.length < packets)
		await tick();
	console.log(JSON.stringify({ back: ms.length,
		least: Math.min(...ms) }));
	socket.close();
}

/* In front of it: answers, and prints what the other side saw. */
async function here(options) {
	const child = spawn(shaper, [...options.filter((o) => o !== "--cut"),
		process.execPath, self, "there",
		options.includes("--cut") ? "turns" :
		    options.some((o) => o.startsWith("--kbps")) ? "burst" :
		    "paced"],
	{ stdio: ["ignore", "pipe", "inherit"] });
	const socket = createSocket("udp4");
	let seen = 0;

	socket.on("message", (m, from) => {
		seen++;
		socket.send(m, from.port, from.address);
		if (options.includes("--cut") && seen === 10)
			child.kill("SIGUSR1");
	});
	await bind(socket, "0.0.0.0");
	child.stdout.pipe(process.stdout);
	child.on("exit", () => socket.close());
}

function run(...options) {
	const done = spawnSync("unshare", ["-n", process.execPath, self, "here",
		...options], { encoding: "utf8", timeout: 60000 });

	assert.equal(done.status, 0, done.stderr);
	return JSON.parse(done.stdout);
}

const mode = process.argv[2];

if (mode === "there") {
	await there(process.argv[3]);
} else if (mode === "here") {
	await here(process.argv.slice(3));
} else {
	const skip = existsSync("/dev/net/tun") &&
	    spawnSync("unshare", ["-n", "true"]).status === 0 ? false :
	    "no network namespaces or no /dev/net/tun here";

	test("a good link loses nothing", { skip }, () => {
		assert.equal(run().back, packets);
	});
	test("a bad one loses both ways", { skip },
	    () => {
		const once = run("--loss=20", "--seed=3").back;

		assert.ok(once > 24 && once < 52, `${once} came back`);
	});
	test("each packet is delayed both ways", { skip }, () => {
		const { back, least } = run("--delay-ms=40");

		assert.equal(back, packets);
		assert.ok(least >= 80, `${least} ms`);
	});
	test("a narrow one holds back, and loses what it cannot hold", { skip },
	    () => {
		/* Each datagram takes 66 ms of the narrow one, which holds 300
		 * ms of them. */
		const wide = run("--kbps=100000"), narrow = run("--kbps=64");

		assert.equal(wide.back, packets);
		assert.ok(narrow.back >= 3 && narrow.back < packets * 3 / 4,
		    `${narrow.back} came back`);
		assert.ok(narrow.least >= 2 * 66, `${narrow.least} ms`);
	});
	test("a cut link passes nothing more", { skip }, () => {
		const { back } = run("--cut");

		assert.ok(back <= 12, `${back} came back`);
	});
	test("the command's status is the shaper's", { skip }, () => {
		const status = (...command) => spawnSync("unshare",
		    ["-n", shaper, ...command], { encoding: "utf8" }).status;

		assert.equal(status("sh", "-c", "exit 7"), 7);
		assert.equal(status("--loss=101", "true"), 2);
		assert.equal(status("/nowhere"), 125);
	});
}
