/*
 * servers.mjs - forwarders for the load program to work on: each is started for
 * one run, alone, and ended behind it.
 */
import { execFile, spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
	from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const programs = process.env.KK_BIN ?? "build/bin";

const startMs = 20000;

/* A program that says on its output that it is ready. */
async function programStart(command, args, ready, options = {}) {
	const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"],
		...options });
	let said = "";
	const kill = () => child.kill("SIGKILL");
	const ended = new Promise((done) => child.once("exit", done));

	process.once("exit", kill);
	await new Promise((done, failed) => {
		const late = setTimeout(() => {
			kill();
			failed(new Error(`${command} does not start: ${said}`));
		}, startMs);
		const look = (data) => {
			said = (said + data).slice(-100000);
			if (!ready.test(said))
				return;
			clearTimeout(late);
			done();
		};

		child.stdout.on("data", look);
		child.stderr.on("data", look);
		child.once("error", failed);
		child.once("exit", (status) => failed(new Error(
		    `${command} has ended with ${status}: ${said.slice(-2000)}`)));
	});
	return { pid: child.pid, said: () => said, async stop() {
		child.kill("SIGTERM");
		const late = setTimeout(kill, startMs);

		await ended;
		clearTimeout(late);
		process.off("exit", kill);
	} };
}

export async function sfudStart({ address = "127.0.0.1", program, args = [] }
	= {}) {
	const folder = mkdtempSync(join(tmpdir(), "kk-load-"));
	const token = join(folder, "token"), hash = join(folder, "hash");
	const secret = randomBytes(32);

	writeFileSync(token, secret, { mode: 0o600 });
	writeFileSync(hash, createHash("sha256").update(secret).digest());
	mkdirSync(join(folder, "state"), { mode: 0o700 });
	const run = await programStart(program ?? join(programs, "sfud"),
		[`--state=${folder}/state`, `--site-token-hash=${hash}`,
			`--address=${address}`, "--listen-loopback=0", ...args],
		/ ready .*media_port=\d+/);

	return { pid: run.pid, said: run.said,
		load: ["--server=sfud", `--site-token=${token}`,
			`--port=${/loopback_port=(\d+)/.exec(run.said())[1]}`],
		async stop() {
			await run.stop();
			rmSync(folder, { recursive: true });
		} };
}

export async function floorStart({ address = "127.0.0.1" } = {}) {
	const folder = mkdtempSync(join(tmpdir(), "kk-load-"));
	const socket = join(folder, "floor");
	const run = await programStart(join(programs, "bench-floor"),
		[socket, address], /ready/);

	return { pid: run.pid, load: ["--server=floor", `--socket=${socket}`],
		async stop() {
			await run.stop();
			rmSync(folder, { recursive: true });
		} };
}

/* root: the folder of a Debian with Janus, and in it what it needs to run. */
export function janusPrepare(root) {
	for (const [from, to] of [["/dev", "dev"], ["/proc", "proc"]])
		if (spawnSync("mount", ["--rbind", from, join(root, to)]).status)
			throw new Error(`cannot mount ${from} for Janus`);
	if (spawnSync("mount", ["-t", "tmpfs", "tmpfs", join(root, "tmp")]).status)
		throw new Error("cannot mount a folder for Janus' configuration");
}

export async function janusStart({ root, isTuned }) {
	const folder = mkdtempSync(join(root, "tmp/conf-"));
	const main = join(folder, "janus.jcfg");

	cpSync(join(root, "etc/janus"), folder, { recursive: true });
	if (isTuned) {
		const text = readFileSync(main, "utf8");
		const changed = text.replace(/#event_loops = 8/, "event_loops = 1");

		if (changed === text)
			throw new Error("Janus' configuration is not as expected");
		writeFileSync(main, changed);
	}
	const run = await programStart("chroot", [root, "/usr/bin/janus", "-F",
		folder.slice(root.length)], /Websockets server started/i);

	return { pid: run.pid, load: ["--server=janus", "--port=8188"],
		async stop() {
			await run.stop();
			rmSync(folder, { recursive: true });
		} };
}

/* What the load program measures; options without their dashes. */
export function loadRun(server, options, { program } = {}) {
	const args = [...server.load, `--pid=${server.pid}`, "--json",
		...Object.entries(options).map(([name, value]) =>
			value === true ? `--${name}` : `--${name}=${value}`)];

	return new Promise((done, failed) => {
		execFile(program ?? join(programs, "load"), args,
			{ timeout: 300000 }, (error, out, said) => {
				if (error)
					failed(new Error(said.trim() || error.message));
				else
					done(JSON.parse(out));
			});
	});
}
