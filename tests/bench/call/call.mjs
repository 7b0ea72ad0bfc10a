/*
 * call.mjs - what a call takes: time to join, latency from a camera to the
 * others' screens, CPU of a box's processes with nine others, and how even its
 * picture is while they come, freeze, die and leave.  docs/benchmarks.md has
 * the figures.
 */
import { readFileSync } from "node:fs";

import { browserStart } from "../../system/browser.mjs";
import { stripRead } from "../../system/strip.mjs";
import { ageOf, boxesStart, median, nowUs, probeRead, quantile, soon }
	from "./boxes.mjs";
import { joinsMeasure, joinsReport } from "./join.mjs";

const joins = 9, seconds = 20;
const others = 9;
const frozen = [3, 4, 9]; /* one after the other */
const startSeconds = 120, seenSeconds = 120; /* as long as a wait may take */
const ticksPerSecond = 100; /* of /proc; Linux has no other on our machines */
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const round = Math.round;

function latencyReport(what, ages) {
	console.log(`camera to ${what}: p50 ${round(median(ages))} ms, p95 ` +
	    `${round(quantile(ages, 0.95))}, ${ages.length} pictures in ` +
	    `${seconds} s`);
}

/* Each picture of a box's once, when it is first seen. */
function boxAges(probe, fromUs, number) {
	const ages = [];
	let last;

	for (const { real, tiles } of probeRead(probe, fromUs)) {
		if (tiles[number] !== undefined && tiles[number] !== last)
			ages.push(ageOf(real / 1000, tiles[number]));
		last = tiles[number] ?? last;
	}
	return ages;
}

/* The same in the page: drawn to a canvas for each picture that is shown. */
const pageAges = (page, number) => page.evaluate(`new Promise((done) => {
	const stripRead = ${stripRead.toString()};
	const ageOf = ${ageOf.toString()};
	const ages = [];
	const canvas = document.createElement("canvas");
	const to = canvas.getContext("2d", { willReadFrequently: true });
	const look = (video) => {
		const width = video.videoWidth, height = video.videoHeight;
		const part = Math.ceil(height / 8);

		canvas.width = width;
		canvas.height = part;
		to.drawImage(video, 0, height - part, width, part, 0, 0, width, part);
		const now = performance.timeOrigin + performance.now();
		const strip = stripRead(to.getImageData(0, 0, width, part).data, width,
		    { x: 0, y: part - height, width, height });
		if (strip?.number === ${number} && strip.time !== video.benchLast) {
			ages.push(ageOf(now, strip.time));
			video.benchLast = strip.time;
		}
		video.requestVideoFrameCallback(() => look(video));
	};
	for (const video of document.querySelectorAll("video[data-leaf]"))
		video.requestVideoFrameCallback(() => look(video));
	setTimeout(() => done(ages), ${seconds * 1000});
})`);

async function joinAndLatency() {
	/* Box 2's camera is the one that is measured: what a machine that has to
	 * do both ends and a browser can decode in time. */
	const rooms = await boxesStart(2, {
		one: "--size=1280x720 --fps=25 --send-size=320x180 --send-fps=5",
		others: "--size=320x180 --fps=1 --send-size=640x360 --send-fps=25" });
	let browser;

	try {
		await soon(rooms.run, startSeconds, () => "the sandbox does not run",
		    () => rooms.run.status()?.phase === "running");
		browser = await browserStart(rooms);
		const { page, all } = await joinsMeasure(rooms, browser, joins);
		joinsReport(all);
		await sleep(3000); /* the page has come to rest */
		const from = nowUs();
		const inPage = await pageAges(page, 2);
		latencyReport("the other box's screen", boxAges(rooms.probe, from, 2));
		latencyReport("the browser's canvas", inPage);
	} finally {
		await browser?.stop();
		await rooms.stop();
	}
}

/* User and system time of a process, in ms. */
function cpuOf(pid) {
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");

	return (Number(fields[11]) + Number(fields[12])) * 1000 / ticksPerSecond;
}

/* Of the programs that make up the first box, and the site's. */
async function cpuReport(rooms) {
	const labels = ["mediad1", "roomd1", "keyd1", "sfud", "webd"];
	const pids = labels.map((label) => rooms.run.of(label).pid);
	const before = pids.map(cpuOf);
	const from = nowUs();
	await sleep(seconds * 1000);
	const passed = (nowUs() - from) / 1e6;
	const text = labels.map((label, i) =>
	    `${label} ${((cpuOf(pids[i]) - before[i]) / passed / 10).toFixed(1)} %`);

	console.log(`CPU of one core over ${seconds} s, 720p up, ${others} ` +
	    `down: ${text.join(", ")}`);
	return from;
}

function gapsOf(gaps) {
	return `p50 ${round(median(gaps))} p99 ${round(quantile(gaps, 0.99))} ` +
	    `max ${round(Math.max(...gaps))} (over 100 ms: ` +
	    `${gaps.filter((ms) => ms > 100).length} of ${gaps.length})`;
}

/* A busy machine makes gaps too: for those its threads were ready to run. */
function gapsReport(what, probe, fromUs) {
	const pictures = probeRead(probe, fromUs);
	const gaps = pictures.slice(1).map((p, i) => ({
		ms: (p.at - pictures[i].at) / 1000,
		waited: p.waited - pictures[i].waited }));

	console.log(`ms between pictures while ${what}: ` +
	    gapsOf(gaps.map((g) => g.ms)));
	console.log("    without the wait for a processor: " +
	    gapsOf(gaps.map((g) => g.ms - Math.max(0, g.waited))));
}

/* The boxes whose picture was seen in the last second. */
const seenNow = (probe) => new Set(probeRead(probe, nowUs() - 1e6)
    .flatMap((p) => Object.keys(p.tiles)));

function missing(probe) {
	const seen = seenNow(probe);

	return Array.from({ length: 1 + others }, (_, i) => String(i + 1))
	    .filter((number) => !seen.has(number));
}

/* When a picture was seen that its camera took since then: what was on its way
 * before does not count.  ms after, or undefined. */
function seenAfter(probe, number, fromUs, fromMs) {
	for (const { at, real, tiles } of probeRead(probe, fromUs)) {
		const time = tiles[number];

		if (time !== undefined &&
		    ageOf(real / 1000, time) <= real / 1000 - fromMs)
			return (at - fromUs) / 1000;
	}
	return undefined;
}

/* Until its picture is said to stand still, and until it is seen again. */
async function freeze({ run, probe }, number) {
	const { pid } = run.of(`mediad${number}`);

	process.kill(pid, "SIGSTOP");
	await sleep(7000);
	process.kill(pid, "SIGCONT");
	const fromUs = nowUs(), fromMs = Date.now();
	const ms = await soon(run, seenSeconds,
	    () => `box ${number}, which stood still, is not seen again`,
	    () => seenAfter(probe, number, fromUs, fromMs));

	console.log(`    box ${number} is seen again after ${round(ms)} ms, load ` +
	    readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
}

async function crowd() {
	const rooms = await boxesStart(1 + others, {
		one: "--size=1280x720 --fps=25 --send-size=1280x720 --send-fps=25",
		others: "--size=320x180 --fps=1 --send-size=320x180 --send-fps=5",
		nice: 10 });
	const { run, probe } = rooms;
	const pidOf = (label) => run.of(label).pid;

	try {
		const start = nowUs();
		await soon(run, startSeconds, () => "the sandbox does not run",
		    () => run.status()?.phase === "running");
		await soon(run, seenSeconds,
		    () => `box 1 has not seen ${missing(probe).join(", ")}`,
		    () => missing(probe).length === 0);
		gapsReport("nine join", probe, start);
		await sleep(3000);
		const rest = await cpuReport(rooms);
		gapsReport("nothing happens", probe, rest);
		const shown = probeRead(probe, rest);
		const seen = new Set(shown.flatMap((p) => Object.entries(p.tiles)
		    .map(([number, time]) => `${number}:${time}`)));
		console.log(`    ${(shown.length / seconds).toFixed(1)} pictures a ` +
		    `second, ${(seen.size / seconds).toFixed(1)} of cameras`);

		let from = nowUs();
		for (const number of frozen)
			await freeze(rooms, number);
		gapsReport("some freeze for 7 s and come back", probe, from);

		from = nowUs();
		for (const label of ["mediad4", "keyd5", "roomd6"])
			process.kill(pidOf(label), "SIGKILL");
		await sleep(8000);
		gapsReport("programs of three die and start again", probe, from);

		from = nowUs();
		process.kill(pidOf("roomd7"), "SIGTERM");
		process.kill(pidOf("roomd8"), "SIGTERM");
		await sleep(8000);
		gapsReport("two leave and join again", probe, from);
	} finally {
		await rooms.stop();
	}
}

const parts = { join: joinAndLatency, crowd };
const wanted = process.argv.slice(2);

for (const part of wanted.length ? wanted : Object.keys(parts))
	await parts[part]();
