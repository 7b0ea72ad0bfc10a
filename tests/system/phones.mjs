/*
 * phones.mjs - telephones: baresip without a sound card, with a voice of its own
 * and a recording of what it heard.
 *
 * It is told what to do over its ctrl_tcp module (netstrings of JSON), and its
 * keys are pressed over its cons module, which holds each down for a while as a
 * finger does.
 */
import { execFileSync, spawn } from "node:child_process";
import dgram from "node:dgram";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";

import { freePorts, until } from "../sandbox/support.mjs";
import { exchangePassword } from "./exchange.mjs";

const modules = "/usr/lib/baresip/modules";
/* baresip 1.1 may crash where a tone ends just as its thread begins: none is
 * there to be played. */
const tones = ["ring", "ringback", "callwaiting", "busy", "error", "notfound"];
const keyMs = 400; /* baresip lets a key go after 250 */
const voiceSeconds = 240;

/* As accounts name them, and the module that has them. */
const codecs = {
	opus: { name: "opus/48000/2", module: "opus", hz: 48000, channels: 2 },
	g722: { name: "G722/16000/1", module: "g722", hz: 16000, channels: 1 },
	pcma: { name: "PCMA/8000/1", module: "g711", hz: 8000, channels: 1 },
	pcmu: { name: "PCMU/8000/1", module: "g711", hz: 8000, channels: 1 },
};

/* Reads netstrings (LENGTH:TEXT,) and hands on what JSON they are. */
function netstrings(told) {
	let rest = Buffer.alloc(0);

	return (piece) => {
		rest = Buffer.concat([rest, piece]);
		for (;;) {
			const colon = rest.indexOf(":");
			const end = colon + 1 + Number(rest.subarray(0, colon));

			if (colon < 0 || rest.length <= end)
				return;
			told(JSON.parse(rest.subarray(colon + 1, end)));
			rest = rest.subarray(end + 1);
		}
	};
}

/* The voice as its encoder takes it, since baresip would take it for that, and
 * so long that no call sees its end. */
function voiceMake(path, speech, { hz, channels }) {
	execFileSync("sox", [speech, "-r", String(hz), "-c", String(channels), path,
		"repeat", String(Math.ceil(voiceSeconds / secondsOf(speech)))]);
}

const secondsOf = (path) => Number(execFileSync("soxi", ["-D", path]));

function configOf(phone, { codec, ca }) {
	const lines = [`module_path ${modules}`,
		`module ${codecs[codec].module}.so`, "module aufile.so", "module srtp.so",
		"module_app rtcpsummary.so",
		"module_app account.so", "module_app menu.so",
		"module_app ctrl_tcp.so", "module cons.so",
		`ctrl_tcp_listen 127.0.0.1:${phone.port + 2}`,
		`cons_listen 127.0.0.1:${phone.port + 3}`,
		`sip_listen 127.0.0.1:${phone.port}`,
		"statmode_default off",
		`audio_player aufile,${phone.heard}`,
		`audio_source aufile,${phone.folder}/voice.wav`,
		`audio_alert aufile,${phone.folder}/alert.wav`,
		...tones.map((tone) => `${tone}_aufile none.wav`),
		"jitter_buffer_type fixed", "jitter_buffer_delay 2-10",
		"opus_bitrate 64000"];

	if (ca)
		lines.push(`sip_cafile ${ca}`);
	return `${lines.join("\n")}\n`;
}

/*
 * Starts a telephone NAME in a folder of its own.  speech: a WAV, which
 * it says again and again.  codec: opus, g722, pcma, pcmu,
 * and no other.  transport: udp, tcp, tls.  secure: offers SRTP by SDES
 * ("optional": beside RTP without it; "required": RTP/SAVP).  ca: a file, for TLS.
 * exchange: one of exchange.mjs, at which it registers.
 */
export async function phoneStart({ name, folder, speech, codec = "opus",
	transport = "udp", secure, ca, exchange }) {
	const phone = { name, folder: join(folder, name), events: [], output: "",
		isMuted: false, port: await freePorts(4), hasEnded: false };
	const at = exchange ? `:${exchange.port}` : "";
	const media = { optional: ";mediaenc=srtp", required: ";mediaenc=srtp-mand" };

	mkdirSync(phone.folder, { recursive: true });
	phone.heard = join(phone.folder, "heard.wav");
	phone.uri = `sip:${name}@127.0.0.1:${phone.port}`;
	voiceMake(join(phone.folder, "voice.wav"), speech, codecs[codec]);
	writeFileSync(join(phone.folder, "config"), configOf(phone, { codec, ca }));
	writeFileSync(join(phone.folder, "contacts"), "");
	writeFileSync(join(phone.folder, "accounts"),
	    `<sip:${name}@127.0.0.1${at};transport=${transport}>` +
	    `;audio_codecs=${codecs[codec].name}${media[secure] ?? ""}` +
	    (exchange ? `;regint=300;auth_user=${name};auth_pass=${
		exchangePassword}` : ";regint=0") + "\n");

	const child = spawn("baresip", ["-4", "-n", "127.0.0.1", "-f", phone.folder],
	    { stdio: ["ignore", "pipe", "pipe"] });
	phone.child = child;
	for (const pipe of [child.stdout, child.stderr])
		pipe.on("data", (piece) => { phone.output += piece; });
	const ended = new Promise((done) => child.on("close", () => {
		phone.hasEnded = true;
		done();
	}));
	await control(phone);
	return Object.assign(phone, {
		dial: (uri) => phone.ask("dial", uri),
		accept: () => phone.ask("accept"),
		hangUp: () => phone.ask("hangup"),
		hold: () => phone.ask("hold"),
		/* It complains of a second line, which it lacks, when it has done so. */
		resume: () => phone.ask("resume").catch(() => {}),
		/* Its microphone. */
		async mute(isMuted) {
			if (isMuted !== phone.isMuted)
				await phone.ask("mute");
			phone.isMuted = isMuted;
		},
		keys: (text) => keysPress(phone, text),
		/* So long is its recording, which a hold begins anew. */
		heardSeconds: () => !existsSync(phone.heard) ? 0 :
		    statSync(phone.heard).size / 2 / codecs[codec].hz /
		    codecs[codec].channels,
		/* It is written by pieces; each 20 ms are a frame. */
		heardBytesPerSecond: codecs[codec].hz * codecs[codec].channels * 2,
		has: (type) => phone.events.some((e) => e.type === type),
		until: (what, condition) => until(`${name}: ${what}`, condition,
		    () => !phone.hasEnded),
		async stop() {
			phone.control.destroy();
			phone.cons.close();
			child.kill("SIGTERM");
			await ended;
		},
	});
}

/* baresip takes the port after its own for TLS. */
async function control(phone) {
	const waiting = new Map();
	let count = 0;

	await until(`${phone.name} listens`, () => new Promise((done) => {
		const socket = net.connect(phone.port + 2, "127.0.0.1");

		socket.on("connect", () => {
			phone.control = socket;
			done(true);
		});
		socket.on("error", () => done(false));
	}), () => !phone.hasEnded).catch((error) => {
		throw new Error(`${error.message}\n${phone.output}`);
	});
	phone.cons = dgram.createSocket("udp4");
	phone.cons.on("message", () => {}); /* its menu's words */
	phone.control.on("data", netstrings((said) => {
		if (said.event) {
			phone.events.push(said);
			return;
		}
		waiting.get(said.token)?.(said);
		waiting.delete(said.token);
	}));
	phone.ask = (command, params = "") => new Promise((done, failed) => {
		const token = String(++count);
		const text = JSON.stringify({ command, params, token });

		waiting.set(token, (said) => said.ok ? done(said.data) :
		    failed(new Error(`${phone.name}: ${command}: ${said.data}`)));
		phone.control.write(`${Buffer.byteLength(text)}:${text},`);
	});
}

async function keysPress(phone, text) {
	for (const key of text) {
		phone.cons.send(key, phone.port + 3, "127.0.0.1");
		await new Promise((done) => setTimeout(done, keyMs));
	}
}
