/*
 * janus.mjs - participants of Janus' AudioBridge that are plain RTP: the nearest
 * that it has to telephone lines.  Source: the AudioBridge's documentation
 * ("Plain RTP participants") and that of Janus' REST interface.
 */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";

const lines = 20; /* half of what a core of it carries */
const warmMs = 3000, measureMs = 8000;
const tickMs = 20, tickSamples = 960, payloadType = 96;
const hz = 100; /* of the clock in /proc/PID/stat: proc(5) */
const room = 4711, secret = "bench";

const base = "http://127.0.0.1:8088/janus", startMs = 20000;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function post(path, body) {
	const answer = await fetch(`${base}${path}`, { method: "POST",
		body: JSON.stringify({ transaction: "t", ...body }) });

	return answer.json();
}

/* Its interfaces start one after the other, and it tells of another one. */
async function answering() {
	for (const until = performance.now() + startMs;; await wait(50)) {
		try {
			return await fetch(`${base}/info`);
		} catch (e) {
			if (performance.now() > until)
				throw e;
		}
	}
}

/* What the plugin says behind its "ack". */
async function pluginEvent(session, handle) {
	for (;;) {
		const answer = await fetch(`${base}/${session}?maxev=1`);
		const event = await answer.json();

		if (event.janus === "event" && event.sender === handle)
			return event.plugindata.data;
	}
}

async function handleMake(session) {
	const { data } = await post(`/${session}`, { janus: "attach",
		plugin: "janus.plugin.audiobridge" });

	return data.id;
}

async function roomMake(session) {
	const handle = await handleMake(session);
	const { plugindata } = await post(`/${session}/${handle}`, {
		janus: "message", body: { request: "create", room, secret,
			sampling_rate: 48000, allow_rtp_participants: true } });

	if (plugindata?.data.audiobridge !== "created")
		throw new Error(`no room: ${JSON.stringify(plugindata)}`);
}

function socketOpen(address) {
	return new Promise((done, failed) => {
		const socket = createSocket("udp4");

		socket.once("error", failed);
		socket.bind(0, address, () => done(socket));
	});
}

async function lineJoin(session, address, i) {
	const socket = await socketOpen(address);
	const handle = await handleMake(session);
	const line = { socket, seq: 0, at: i * 37, ssrc: i + 1, heard: 0 };

	socket.on("message", () => line.heard++);
	await post(`/${session}/${handle}`, { janus: "message", body: {
		request: "join", room, id: i + 1, codec: "opus",
		rtp: { ip: address, port: socket.address().port,
			payload_type: payloadType } } });
	const joined = await pluginEvent(session, handle);

	if (joined.audiobridge !== "joined" || !joined.rtp)
		throw new Error(`not joined: ${JSON.stringify(joined)}`);
	return Object.assign(line, joined.rtp);
}

function packetSend(line, packets) {
	const header = Buffer.alloc(12);

	header[0] = 0x80;
	header[1] = payloadType;
	header.writeUInt16BE(line.seq & 0xffff, 2);
	header.writeUInt32BE(line.seq * tickSamples >>> 0, 4);
	header.writeUInt32BE(line.ssrc, 8);
	line.socket.send([header, packets[(line.at + line.seq) % packets.length]],
		line.port, line.ip);
	line.seq++;
}

/* All lines speak; ticks that were late are made up for. */
function talkStart(all, packets) {
	const begin = performance.now();
	let tick = 0;

	return setInterval(() => {
		for (; begin + tick * tickMs <= performance.now(); tick++)
			all.forEach((line) => packetSend(line, packets));
	}, tickMs / 4);
}

/* utime and stime, behind the name, which may have blanks. */
function cpuTicks(pid) {
	const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
	const after = stat.slice(stat.lastIndexOf(")") + 2).split(" ");

	return Number(after[11]) + Number(after[12]);
}

const heardAll = (all) => all.reduce((sum, line) => sum + line.heard, 0);

/* CPU time of the server, in microseconds for each line and tick. */
async function measure(pid, all) {
	const heard = heardAll(all), cpu = cpuTicks(pid);
	const begin = performance.now();

	await wait(measureMs);
	const ticks = (performance.now() - begin) / tickMs;
	const share = (heardAll(all) - heard) / (ticks * lines);

	if (share < 0.9)
		throw new Error(`only ${(share * 100).toFixed()} % were answered`);
	return (cpuTicks(pid) - cpu) * (1e6 / hz) / (ticks * lines);
}

export async function bridgeMeasure({ pid, address, packets }) {
	await answering();
	const session = (await post("", { janus: "create" })).data.id;
	const all = [];

	await roomMake(session);
	for (let i = 0; i < lines; i++)
		all.push(await lineJoin(session, address, i));
	const talk = talkStart(all, packets);

	try {
		await wait(warmMs);
		return await measure(pid, all);
	} finally {
		clearInterval(talk);
		all.forEach((line) => line.socket.close());
	}
}
