/*
 * bench.mjs - telephone lines beside Janus' AudioBridge: rounds in which each
 * scene is measured once, one after the other; medians of the rounds.  All is
 * CPU time of the process that does the work (lines.c, janus.mjs), so others on
 * the machine disturb by no more than what they push out of its caches.  It
 * runs in a network of its own, where address is not a loopback one.
 *
 *     bench.mjs [--rounds=N] [--only=SCENE,...] [--janus=FOLDER]
 *
 * Scenes are counted from 0; "janus" is one, too.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync }
	from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

import { janusPrepare, janusStart, programs } from "../sfu/servers.mjs";
import { bridgeMeasure } from "./janus.mjs";

const address = "10.99.0.1";
const tickUs = 20000;
const given = Object.fromEntries(process.argv.slice(2).map((arg) =>
	/^--([a-z]+)=(.*)$/.exec(arg)?.slice(1) ?? [arg, true]));
const rounds = Number(given.rounds ?? 3);
const only = given.only?.split(",");
const program = join(programs, "bench-lines");
const prompts = join(programs, "../prompts/en");
const speech = readdirSync(prompts).filter((name) => name.endsWith(".wav"))
	.sort().map((name) => join(prompts, name));

function networkMake() {
	for (const command of ["link set lo up",
		"link add load0 type veth peer name load1",
		`address add ${address}/24 dev load0`, "link set load0 up",
		"link set load1 up"]) {
		const run = spawnSync("ip", command.split(" "), { encoding: "utf8" });

		if (run.status)
			throw new Error(`ip ${command}: ${run.stderr}`);
	}
}

/* Packets of Opus, as the scenes' telephones send them. */
function packetsMake() {
	const folder = mkdtempSync(join(tmpdir(), "kk-lines-"));
	const file = join(folder, "opus");

	execFileSync(program, [`--packets=${file}`, ...speech]);
	const data = readFileSync(file), packets = [];

	rmSync(folder, { recursive: true });
	for (let at = 0; at < data.length;) {
		const bytes = data.readUInt16BE(at);

		packets.push(data.subarray(at + 2, at + 2 + bytes));
		at += 2 + bytes;
	}
	return packets;
}

const sceneRun = (scene) => JSON.parse(execFileSync(program,
	[`--scene=${scene}`, ...speech], { encoding: "utf8" }));

async function janusRun(packets) {
	const server = await janusStart({ root: given.janus });

	try {
		return { name: "Janus' AudioBridge, Opus, all talk",
			isBridge: true,
			us: await bridgeMeasure({ pid: server.pid, address, packets }) };
	} finally {
		await server.stop();
	}
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

networkMake();
const scenes = Array.from({ length: Number(execFileSync(program, ["--count"],
	{ encoding: "utf8" })) }, (_, i) => String(i));
const hasJanus = given.janus && existsSync(join(given.janus, "usr/bin/janus"));
const packets = hasJanus && packetsMake();
const all = {};

if (hasJanus)
	janusPrepare(given.janus);
else
	console.log("Janus is not here: its row is missing.\n");
for (let round = 0; round < rounds; round++) {
	for (const scene of [...scenes, ...hasJanus ? ["janus"] : []]) {
		if (only && !only.includes(scene))
			continue;
		const r = scene === "janus" ? await janusRun(packets) :
			sceneRun(scene);

		(all[r.name] ??= []).push(r);
		console.error(`${round + 1}/${rounds} ${r.name}: ` +
		    `${r.us.toFixed(1)} us, load ${loadavg()[0].toFixed(1)}`);
	}
}
console.log(`${cpus().length} x ${cpus()[0].model}, ${rounds} rounds, ` +
    `load at the end ${loadavg()[0].toFixed(1)}\n`);
const usOf = (list) => median(list.map((r) => r.us));
const bridge = Object.values(all).find((list) => list[0].isBridge);

/* Lines a core: what was to be reached, and how much of it was. */
function goalTold(us, goal) {
	const share = tickUs / us / goal;

	return goal ? `${goal}: ${share.toFixed(2)} times, ` +
	    `${share < 1 ? "**missed**" : "met"}` : "";
}

/* Of it the kernel's taking and sending of a packet, with nothing else. */
const bareTold = (list) => list[0].bare ?
	median(list.map((r) => r.bare)).toFixed(1) : "";

console.log("| lines | us a tick and line | least, most | the kernel's | " +
    "lines a core | goal | times Janus |\n|---|---|---|---|---|---|---|");
for (const [name, list] of Object.entries(all)) {
	const us = usOf(list), each = list.map((r) => r.us);

	console.log(`| ${name} | ${us.toFixed(1)} | ` +
	    `${Math.min(...each).toFixed(1)}, ${Math.max(...each).toFixed(1)} | ${bareTold(list)} | ` +
	    `${Math.floor(tickUs / us)} | ${goalTold(us, list[0].goal)} | ` +
	    `${bridge ? (usOf(bridge) / us).toFixed(1) : ""} |`);
}
