/* coturn.mjs - a real TURN server on loopback. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePorts, until } from "../sandbox/support.mjs";

const answers = (port) => new Promise((done) => {
	const socket = net.connect(port, "127.0.0.1", () => {
		socket.destroy();
		done(true);
	});

	socket.on("error", () => done(false));
});

/* It relays from 127.0.0.1 to 127.0.0.1: no other address is reached by it. */
export async function coturnStart({ secret }) {
	const folder = mkdtempSync(join(tmpdir(), "kk-coturn-"));
	const port = await freePorts(1);
	const log = join(folder, "log");
	/* The secret stands in a file: a command line is there for everybody. */
	const config = join(folder, "turnserver.conf");

	writeFileSync(config, `${["listening-ip=127.0.0.1", "relay-ip=127.0.0.1",
		`listening-port=${port}`, "realm=konklave.test", "use-auth-secret",
		`static-auth-secret=${secret}`, "allow-loopback-peers", "no-tls",
		"no-dtls", "no-cli", "simple-log", "verbose", `log-file=${log}`,
		`userdb=${folder}/db`, `pidfile=${folder}/pid`].join("\n")}\n`,
	{ mode: 0o600 });
	const child = spawn("turnserver", ["-c", config], { stdio: "ignore" });
	const ended = new Promise((done) => child.on("exit", done));

	await until("coturn listens", () => answers(port),
	    () => child.exitCode === null);
	return { port, log: () => readFileSync(log, "utf8"), async stop() {
		child.kill("SIGKILL");
		await ended;
		rmSync(folder, { recursive: true });
	} };
}
