/*
 * exchange.mjs - a telephone exchange: Kamailio, which telephones register at by
 * name and password, and which brings calls from one to another.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";

import { freePorts, until } from "../sandbox/support.mjs";

export const exchangePassword = "a-word-for-tests";

const configOf = ({ port, realm }) => `#!KAMAILIO
debug=2
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "xlog.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_expires", 3600)
request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (has_totag()) {
		if (loose_route() || is_method("ACK"))
			t_relay();
		else
			sl_send_reply("404", "Not Here");
		exit;
	}
	if (is_method("CANCEL")) {
		if (t_check_trans())
			t_relay();
		exit;
	}
	if (is_method("REGISTER")) {
		if (!pv_www_authenticate("${realm}", "${exchangePassword}", "0")) {
			www_challenge("${realm}", "1");
			exit;
		}
		save("location");
		xlog("L_NOTICE", "registered $tU\\n");
		exit;
	}
	if (!is_method("INVITE")) {
		sl_send_reply("405", "Method Not Allowed");
		exit;
	}
	if (!pv_proxy_authenticate("${realm}", "${exchangePassword}", "0")) {
		proxy_challenge("${realm}", "1");
		exit;
	}
	consume_credentials();
	record_route();
	if (!lookup("location")) {
		sl_send_reply("404", "Not Found");
		exit;
	}
	t_relay();
}
`;

function isOpen(port) {
	return new Promise((done) => {
		const socket = net.connect(port, "127.0.0.1");

		socket.on("connect", () => {
			socket.destroy();
			done(true);
		});
		socket.on("error", () => done(false));
	});
}

/* Its address and, in output, who has registered. */
export async function exchangeStart({ folder, realm = "exchange.test" }) {
	const made = { port: await freePorts(1), realm, output: "",
		hasEnded: false };
	const own = join(folder, "exchange");

	mkdirSync(own, { recursive: true });
	writeFileSync(join(own, "kamailio.cfg"), configOf(made));
	const child = spawn("kamailio", ["-DD", "-E", "-m", "16", "-M", "4",
		"-f", join(own, "kamailio.cfg"), "-w", own, "-Y", own],
	{ stdio: ["ignore", "pipe", "pipe"] });

	for (const pipe of [child.stdout, child.stderr])
		pipe.on("data", (piece) => { made.output += piece; });
	const ended = new Promise((done) => child.on("close", () => {
		made.hasEnded = true;
		done();
	}));
	await until("the exchange listens", () => isOpen(made.port),
	    () => !made.hasEnded).catch((error) => {
		throw new Error(`${error.message}\n${made.output}`);
	});
	return Object.assign(made, {
		has: (user) => made.output.includes(`registered ${user}\n`),
		async stop() {
			child.kill("SIGTERM");
			await ended;
		},
	});
}
