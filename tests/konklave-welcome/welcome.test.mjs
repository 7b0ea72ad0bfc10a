/*
 * welcome.test.mjs - konklave-welcome as a box's unit runs it, in a folder: with
 * a picture file for the screen, words for keys, a folder for the stick, and a
 * script in place of systemctl.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync,
	readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

const bin = process.env.KK_BIN;
const pki = process.env.KK_PKI;
const wait_ms = 60000; // an end for what hangs
const kept = "root/var/lib/konklave/site/profile";
let folder, screen, keyd, said;

const path = (name) => join(folder, name);
const read = (name) => readFileSync(path(name), "utf8");

/* What units do on a box. */
const systemctl = () => `#!/bin/sh
[ $1 != show ] || exec cat ${path("status")}
case $2 in
konklave-welcome-keep.service)
	exec ${bin}/konklave-config --root=${path("root")} apply \\
		${path("exchange/profile")} ;;
konklave-welcome-write.service)
	[ -d ${path("stick")} ] &&
	exec ${bin}/konklave-welcome --folder=${path("exchange")} write \\
		${path("stick")} ;;
konklave-stick.service)
	if [ -e ${path("hold")} ]; then
		echo $$ >${path("held.new")}; mv ${path("held.new")} ${path("held")}
		while [ -e ${path("hold")} ]; do sleep 0.05; done
	fi
	[ -d ${path("stick")} ] &&
	exec ${bin}/konklave-welcome --folder=${path("exchange")} read \\
		${path("stick")} ;;
esac
exit 1
`;

function view() {
	try {
		return JSON.parse(read("screen.json"));
	} catch {
		return { phase: "", lines: "" };
	}
}

async function until(is_so, what) {
	const end = Date.now() + wait_ms;

	while (!is_so()) {
		assert.ok(Date.now() < end, `${what}: ${JSON.stringify(view())}`);
		assert.ok(screen.exitCode === null || what === "it ends", said);
		await pause(20);
	}
}

const at = (page) => until(() => view().phase === page, page);
const says = (text) => until(() => view().lines.includes(text), text);

/* Words as drivers/input takes them at its socket. */
function press(...words) {
	const done = spawnSync("python3", ["-c",
		"import socket, sys\n" +
		"s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n" +
		"s.connect(sys.argv[1])\n" +
		"for word in sys.argv[2:]: s.send(word.encode())",
		path("keys"), ...words]);

	assert.equal(done.status, 0, String(done.stderr));
}

const letters = (text) => [...text].map((c) =>
	`key ${c === " " ? "space" : c}`);

function runs(program, ...args) {
	const done = spawnSync(program, args, { encoding: "utf8" });

	assert.equal(done.status, 0, done.stderr);
	return done;
}

async function keyd_start(...args) {
	keyd = spawn(join(bin, "keyd"), [`--state=${path("state")}`,
		`--wrap-key=${path("wrap")}`, "--name=Box",
		`--socket=setup:${path("setup")}`, ...args],
	{ stdio: ["ignore", "ignore", "ignore"] });
	await until(() => existsSync(path("setup")), "keyd");
}

async function begin(...args) {
	said = "";
	screen = spawn(join(bin, "konklave-welcome"), [
		`--folder=${path("exchange")}`, `--picture=${path("screen.png")}`,
		`--input=pipe:${path("keys")}`, `--keyd=${path("setup")}`,
		`--systemctl=${path("systemctl")}`, `--profile=${path(kept)}`,
		...args], { stdio: ["ignore", "ignore", "pipe"] });
	screen.stderr.on("data", (text) => { said += text; });
	await at("language");
}

const ended = async () => {
	await until(() => screen.exitCode !== null, "it ends");
	assert.equal(screen.exitCode, 0, said);
};

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "welcome-"));
	mkdirSync(path("root/var/lib/konklave/site"), { recursive: true });
	mkdirSync(path("exchange"));
	mkdirSync(path("state"), { mode: 0o700 });
	writeFileSync(path("wrap"), Buffer.alloc(32, 7), { mode: 0o600 });
	writeFileSync(path("systemctl"), systemctl());
	chmodSync(path("systemctl"), 0o755);
	keyd = undefined;
});
afterEach(async () => {
	for (const child of [screen, keyd])
		if (child && child.exitCode === null && !child.signalCode) {
			child.kill("SIGKILL");
			await new Promise((done) => child.once("exit", done));
		}
	rmSync(folder, { recursive: true });
});

/* From the first page to the last question. */
async function to_review(name) {
	press("key enter");
	await at("name");
	press(...letters(name), "key enter", "key previous", "key enter");
}

test("what is typed becomes the profile, and then it ends", async () => {
	await begin();
	press("key enter", ...letters("Room 4"), "key enter", "key next",
	    "key next", "key next", "key enter");
	await at("network");
	for (const page of ["access", "server", "review"]) {
		press("key previous", "key enter");
		if (page === "access" && view().phase === "network")
			await until(() => view().phase !== "network", page);
		await at(page);
	}
	assert.ok(!existsSync(path(kept)));
	press("key enter");
	await at("enrol");
	assert.equal(read(kept), "name = Room 4\nlanguage = en\n");
	assert.ok(!existsSync(path("exchange/profile")));
	assert.match(view().lines, /not ready yet/); // no keyd here
	press("key previous", "key previous", "key enter");
	await ended();
	assert.ok(!said.includes("Room"), said);
});

test("a stick's profile is taken as it is", async () => {
	const text = "# ours\nname = Saal 1\nlanguage = de\nvlan = 7\n";

	mkdirSync(path("stick"));
	writeFileSync(path("stick/konklave.conf"), text);
	await begin();
	runs(path("systemctl"), "start", "konklave-stick.service");
	await at("stick");
	assert.ok(!existsSync(path(kept)));
	press("key enter");
	await at("enrol");
	assert.equal(read(kept), text);
});

test("a profile that cannot be kept is told, and kept later", async () => {
	mkdirSync(path("stick"));
	writeFileSync(path("stick/konklave.conf"), "name = A\n");
	rmSync(path("root/var"), { recursive: true });
	await begin();
	press("key enter");
	await at("name");
	runs(path("systemctl"), "start", "konklave-stick.service");
	await at("stick");
	press("key enter");
	await says("Nothing is lost");
	await at("name");
	mkdirSync(path("root/var/lib/konklave/site"), { recursive: true });
	runs(path("systemctl"), "start", "konklave-stick.service");
	await at("stick");
	press("key enter");
	await at("enrol");
	assert.equal(read(kept), "name = A\n");
});

test("why there is no key is asked of keyd's unit, and told", async () => {
	mkdirSync(path("stick"));
	writeFileSync(path("stick/konklave.conf"), "name = A\nkeys = tpm\n");
	await begin(`--tpm=${path("none")}`);
	press("key enter");
	await at("name");
	runs(path("systemctl"), "start", "konklave-stick.service");
	await at("stick");
	await says("none that it can use");
	writeFileSync(path("status"), "trouble=no-tpm no TPM there\n");
	press("key enter");
	await at("enrol");
	await says("none that it can use");
	assert.match(read(kept), /^keys = tpm$/m);
	writeFileSync(path("status"), "trouble=pin the PIN is wrong\n");
	press("key enter");
	await says("PIN of the token");
	writeFileSync(path("status"), "\n");
	press("key enter");
	await says("not on the stick");
});

test("killed at any moment, it begins anew or is done", async () => {
	await begin();
	press("key enter", ...letters("Half"));
	await at("name");
	screen.kill("SIGKILL");
	await new Promise((done) => screen.once("exit", done));
	assert.ok(!existsSync(path(kept)));
	rmSync(path("screen.json"));
	await begin();
	assert.equal(view().phase, "language");
});

test("a certificate is asked for, issued and taken by stick", async () => {
	const ca = path("ca");

	writeFileSync(path("pass"), "correct horse battery\n", { mode: 0o600 });
	runs(pki, "init", `--ca=${ca}`, "--name=Site",
	    `--passphrase-file=${path("pass")}`);
	await begin();
	await keyd_start(`--trust=${join(ca, "ca.pem")}`);
	mkdirSync(path("stick"));
	writeFileSync(path("stick/konklave.conf"), "name = A\n");
	press("key enter");
	await at("name");
	runs(path("systemctl"), "start", "konklave-stick.service");
	await at("stick");
	press("key enter");
	await at("enrol");
	rmSync(path("stick"), { recursive: true });
	press("key enter");
	await says("not on the stick");
	mkdirSync(path("stick"));
	press("key enter");
	await says("request is on the stick");
	const [request] = readdirSync(path("stick"));
	assert.match(request, /^konklave-[0-9a-f]{8}\.csr$/);
	assert.match(read(`stick/${request}`), /BEGIN CERTIFICATE REQUEST/);
	press("key next", "key enter");
	await says("no certificate for this box");
	const chain = request.replace(".csr", ".pem");
	writeFileSync(path(`stick/${chain}`), "not a certificate");
	press("key enter");
	await says("file is damaged");
	runs(pki, "issue", "box", path(`stick/${request}`), `--ca=${ca}`,
	    `--out=${path(`stick/${chain}`)}`, "--yes",
	    `--passphrase-file=${path("pass")}`);
	press("key enter");
	await says("The certificate is taken");
	for (const file of readdirSync(path("exchange"), { recursive: true }))
		if (!file.endsWith("stick"))
			assert.doesNotMatch(read(`exchange/${file}`), /PRIVATE/);
	press("key next", "key enter");
	await ended();
});

/* A busy machine: what the stick had and its unit's end are there at once. */
test("a stick without a certificate is told of, whatever comes first", async () => {
	mkdirSync(path("stick"));
	writeFileSync(path("stick/konklave.conf"), "name = A\n");
	await begin();
	press("key enter");
	await at("name");
	runs(path("systemctl"), "start", "konklave-stick.service");
	await at("stick");
	press("key enter");
	await at("enrol");
	writeFileSync(path("hold"), "");
	press("key next", "key enter");
	await until(() => existsSync(path("held")), "its unit runs");
	const reader = read("held").trim();

	screen.kill("SIGSTOP");
	rmSync(path("hold"));
	await until(() => /\) Z /.test(readFileSync(`/proc/${reader}/stat`,
	    "utf8")), "its unit has ended");
	screen.kill("SIGCONT");
	await says("no certificate for this box");
});

test("what is wrong with a command is told", () => {
	const wrong = (...args) => spawnSync(join(bin, "konklave-welcome"), args,
	    { encoding: "utf8" });

	assert.equal(wrong("dance").status, 2);
	assert.equal(wrong("read").status, 2);
	assert.equal(wrong("--size=big").status, 2);
	assert.equal(wrong("--folder=/nonexistent", "read", "/tmp").status, 1);
	assert.match(wrong("--help").stdout, /first-boot screen/);
});
