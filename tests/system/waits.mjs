/*
 * waits.mjs - when programs had to wait for a processor, as the kernel counts it
 * (schedstat, Documentation/scheduler/sched-stats.rst: ns on a run queue).
 */
import { readdirSync, readFileSync } from "node:fs";

const everyMs = 100;
const longMs = 40; /* in one thread, between two looks: two packets' time */
/* What was heard late had waited before: jitter buffers hold no more. */
const beforeMs = 600;

/* ns that each thread of a process has waited, by its number. */
function waitedOf(pid) {
	const found = new Map();

	try {
		for (const thread of readdirSync(`/proc/${pid}/task`))
			found.set(`${pid}/${thread}`, Number(readFileSync(
			    `/proc/${pid}/task/${thread}/schedstat`, "utf8")
			    .split(" ")[1]));
	} catch { /* it has ended */ }
	return found;
}

/* A process and all that it started. */
function familyOf(pid) {
	try {
		const children = readFileSync(`/proc/${pid}/task/${pid}/children`,
		    "utf8").trim();

		return [pid, ...(children ? children.split(" ") : [])
		    .flatMap(familyOf)];
	} catch {
		return [];
	}
}

/* Watches all that this test has started.  in(ms): whether in the second that
 * began then, or shortly before, one of them waited for long. */
export function waitsWatch() {
	const times = [];
	let last = new Map();

	const timer = setInterval(() => {
		const now = new Map(familyOf(process.pid).flatMap((pid) =>
		    [...waitedOf(pid)]));

		for (const [thread, ns] of now) {
			if (last.has(thread) && ns - last.get(thread) > longMs * 1e6)
				times.push(Date.now());
		}
		last = now;
	}, everyMs);
	return { stop: () => clearInterval(timer), in: (began) => times.some((at) =>
	    at > began - beforeMs && at < began + 1000 + everyMs) };
}
