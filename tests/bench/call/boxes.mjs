/*
 * boxes.mjs - sandbox boxes of which the first measures what it shows: its
 * mediad is build/bin/bench-mediad (probe.h).
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync,
	writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePorts, programs, remove, sandboxStart }
	from "../../sandbox/support.mjs";
import { filmMake } from "../../system/pictures.mjs";
import { speechMake } from "../../system/sounds.mjs";

/* A program folder whose mediad takes options by its box's number: those are
 * the last, and so they win. */
function programsMake(folder, probe, one, others, nice) {
	mkdirSync(folder);
	for (const name of ["sfud", "webd", "keyd", "roomd"])
		symlinkSync(join(programs, name), join(folder, name));
	writeFileSync(join(folder, "mediad"), `#!/bin/sh
case " $* " in
*" --number=1 "*)
	KK_PROBE='${probe}' exec '${programs}/bench-mediad' "$@" ${one} ;;
*)
	exec nice -n ${nice} '${programs}/mediad' "$@" ${others} ;;
esac
`);
	chmodSync(join(folder, "mediad"), 0o755);
}

export async function boxesStart(count, { one, others, nice = 0 }) {
	const folder = mkdtempSync(join(tmpdir(), "kk-bench-"));
	const probe = join(folder, "probe");
	const film = join(folder, "guest.y4m");
	const speech = join(folder, "guest.wav");

	filmMake(film, { number: 15 });
	speechMake(speech, "The quick brown fox jumps over the lazy dog.");
	programsMake(join(folder, "bin"), probe, one, others, nice);
	const run = sandboxStart({ folder: join(folder, "bin"),
		state: join(folder, "state"), page: process.env.KK_PAGE,
		port: await freePorts(5), args: [`--boxes=${count}`] });

	return { run, probe, film, speech,
		boxes: () => run.status().boxes,
		async stop() {
			await run.stop();
			remove(folder);
		} };
}

/* Waits for what a condition gives, but no longer than so many seconds: then it
 * says what did not come. */
export function soon(run, seconds, what, condition) {
	const end = Date.now() + seconds * 1000;

	return run.until("a condition", async () => {
		const value = await condition();

		if (!value && Date.now() > end)
			throw new Error(`${what()} within ${seconds} s`);
		return value;
	});
}

/*
 * What the first box showed since a time of CLOCK_MONOTONIC in us: list of at,
 * real (us), waited (ms, in all, for a processor), tiles: {number: time}.
 */
export function probeRead(path, fromUs = 0) {
	const pictures = [];

	if (!existsSync(path))
		return pictures;
	/* The last line may not be whole. */
	for (const line of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
		const [at, real, waited, ...places] = line.split(" ");
		const tiles = {};

		if (Number(at) <= fromUs)
			continue;
		for (const place of places) {
			const [, number, time] = place.split(":").map(Number);

			tiles[number] = time;
		}
		pictures.push({ at: Number(at), real: Number(real),
			waited: Number(waited) / 1000, tiles });
	}
	return pictures;
}

/* CLOCK_MONOTONIC in us, as the probe has it. */
export const nowUs = () => Number(process.hrtime.bigint() / 1000n);

/* How old a strip's time was, in ms; it is cut to its unit, hence the half. */
export function ageOf(nowMs, time) {
	const wrap = 655360;

	return ((nowMs - time * 10) % wrap + wrap) % wrap - 5;
}

export function quantile(values, part) {
	const sorted = [...values].sort((a, b) => a - b);

	return sorted[Math.min(sorted.length - 1,
	    Math.floor(part * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);