/* table.mjs - the figures of a run of bench.mjs, as a table. */

const servers = { sfud: "sfud", compare: "other sfud", floor: "floor",
	janusTuned: "Janus tuned", janus: "Janus packaged" };

export function median(list) {
	const sorted = [...list].sort((a, b) => a - b);
	const half = sorted.length >> 1;

	return sorted.length % 2 ? sorted[half] :
		(sorted[half - 1] + sorted[half]) / 2;
}

/* What a row is, of one run; undefined: nothing to be told. */
const rows = [
	["CPU per delivered packet, 1 × 60, 150 packets/s (µs)", "60",
		(r) => r.usPerPacket],
	["the same at 90,000 packets/s out (µs)", "full", (r) => r.usPerPacket],
	["at it, delivered of what was due (%)", "full",
		(r) => 100 * r.delivered / r.due],
	["packets per second and core, far too much offered", "over",
		(r) => 1e6 / r.usPerPacket],
	["at it, delivered in a second", "over", (r) => r.packetsPerS],
	["memory per receiver (kB)", "60", (r) => r.bytesPerReceiver / 1e3],
	["added latency p50, 1 × 60 (ms)", "60", (r) => r.latencyUs.p50 / 1e3],
	["added latency p99, 1 × 60 (ms)", "60", (r) => r.latencyUs.p99 / 1e3],
	["joins per second and core", "joins",
		(r) => r.joinUs.count / r.joinCpuS],
	["DTLS, one joins at a time, p50 (ms)", "alone",
		(r) => r.dtlsUs.count ? r.dtlsUs.p50 / 1e3 : undefined],
	["from DTLS to a key frame, p50 (ms)", "alone",
		(r) => r.dtlsUs.count ? r.firstPacketUs.p50 / 1e3 : undefined],
	["CPU per packet, 1 × 600, 150 packets/s (µs)", "600",
		(r) => r.usPerPacket],
	["CPU per packet, 1 meeting × 12 (µs)", "1of12", (r) => r.usPerPacket],
	["CPU per packet, 50 meetings × 12 (µs)", "50of12",
		(r) => r.usPerPacket],
];

function number(n) {
	if (n === undefined || !Number.isFinite(n))
		return "–";
	if (n >= 1000)
		return Math.round(n).toLocaleString("en");
	return n >= 100 ? n.toFixed(0) : n.toFixed(n >= 10 ? 1 : 2);
}

/* results: {case: {server: [run, ...]}} */
export function table(results) {
	const columns = Object.keys(servers).filter((s) =>
		s !== "compare" || Object.values(results).some((c) => c[s]));
	const lines = [`| figure | ${columns.map((s) => servers[s]).join(" | ")} |`,
		`|---|${columns.map(() => "---|").join("")}`];

	for (const [title, name, of] of rows) {
		const cells = columns.map((s) => {
			const list = (results[name]?.[s] ?? []).map(of)
				.filter((n) => n !== undefined);

			return number(list.length ? median(list) : undefined);
		});

		if (results[name])
			lines.push(`| ${title} | ${cells.join(" | ")} |`);
	}
	return lines.join("\n");
}
