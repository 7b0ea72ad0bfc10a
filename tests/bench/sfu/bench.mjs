/*
 * bench.mjs - sfud beside its peers and the floor: rounds in which each server
 * has the same load, one after the other; medians of the rounds.  It runs in a
 * network of its own, where address is not a loopback one (Janus skips those).
 *
 *     bench.mjs [--rounds=N] [--only=CASE,...] [--json=FILE] [--janus=FOLDER]
 *         [--compare=FOLDER]
 *
 * --compare names a folder with another sfud, that is measured as one more.
 */
import { spawnSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { floorStart, janusPrepare, janusStart, loadRun, sfudStart }
	from "./servers.mjs";
import { table } from "./table.mjs";

const address = "10.99.0.1";
const given = Object.fromEntries(process.argv.slice(2).map((arg) =>
	/^--([a-z]+)=(.*)$/.exec(arg)?.slice(1) ?? [arg, true]));
const rounds = Number(given.rounds ?? 2);
const only = given.only?.split(",");

/* servers: who takes part; what costs Janus several cores is not for it. */
const everybody = ["sfud", "floor", "janus", "janusTuned"];
const forwarders = ["sfud", "janus", "janusTuned"];
const cases = {
	"60": { servers: everybody, load: { receivers: 60, rate: 150, seconds: 6,
		sample: 20 } },
	"full": { servers: ["sfud", "floor", "janusTuned"], load: { receivers: 60,
		rate: 1500, seconds: 5 } },
	"over": { servers: ["sfud", "floor", "janusTuned"], load: { receivers: 60,
		rate: 6000, seconds: 4 } },
	"joins": { servers: forwarders, load: { receivers: 200, rate: 30,
		seconds: 1 } },
	"alone": { servers: forwarders, load: { receivers: 15, rate: 150,
		seconds: 1, "at-once": 1, gap: 600 } },
	"600": { servers: ["sfud", "floor"], load: { receivers: 600, rate: 150,
		seconds: 5 } },
	"1of12": { servers: ["sfud", "floor"], load: { receivers: 12, rate: 150,
		seconds: 6 } },
	"50of12": { servers: ["sfud", "floor"], load: { meetings: 50,
		receivers: 12, rate: 150, seconds: 5 } },
};

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

function startersMake() {
	/* One publisher sends more than a participant may, for some cases. */
	const args = ["--packets-max=0"];
	const starters = { sfud: () => sfudStart({ address, args }),
		floor: () => floorStart({ address }) };

	if (given.compare)
		starters.compare = () => sfudStart({ address, args,
			program: join(given.compare, "sfud") });
	if (!given.janus || !existsSync(join(given.janus, "usr/bin/janus"))) {
		console.log("Janus is not here: its rows are empty.\n");
		return starters;
	}
	janusPrepare(given.janus);
	starters.janus = () => janusStart({ root: given.janus });
	starters.janusTuned = () => janusStart({ root: given.janus,
		isTuned: true });
	return starters;
}

/* One run; what fails is told, and stays out of the medians. */
async function runOne(name, server, start) {
	try {
		const s = await start();

		try {
			return await loadRun(s, { address, ...cases[name].load });
		} finally {
			await s.stop();
		}
	} catch (e) {
		console.log(`${name}, ${server}: ${e.message}`);
		return undefined;
	}
}

const all = {};

networkMake();
const starters = startersMake();

for (let round = 0; round < rounds; round++) {
	for (const [name, { servers }] of Object.entries(cases)) {
		if (only && !only.includes(name))
			continue;
		for (const server of [...servers, "compare"]) {
			if (!starters[server])
				continue;
			const r = await runOne(name, server, starters[server]);

			if (!r)
				continue;
			((all[name] ??= {})[server] ??= []).push(r);
			console.log(`${round + 1}/${rounds} ${name} ${server}: ` +
			    `${r.usPerPacket} us, ${r.delivered} of ${r.due}, ` +
			    `load ${loadavg()[0].toFixed(1)}`);
		}
	}
}

console.log(`\n${cpus().length} x ${cpus()[0].model}, ${rounds} rounds, ` +
    `load at the end ${loadavg()[0].toFixed(1)}\n`);
console.log(table(all));
if (given.json)
	writeFileSync(given.json, `${JSON.stringify({ cpu: cpus()[0].model,
		cores: cpus().length, rounds, cases, results: all }, null, "\t")}\n`);
