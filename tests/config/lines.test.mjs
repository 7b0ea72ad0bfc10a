/*
 * lines.test.mjs - a box's telephone lines by nothing but its profile: the units of
 * the image start the real programs with the files that konklave-config makes, and
 * a site's telephone registers, calls, and is in the meeting.  The proxy of the
 * profile, a real one, is the lines' only way to the forwarder, too.
 *
 * In a network and a /run of their own.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync,
	rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { until } from "../sandbox/support.mjs";
import { exchangePassword } from "../system/exchange.mjs";
import { phoneStart } from "../system/phones.mjs";
import { speechMake } from "../system/sounds.mjs";
import { varlinkCall } from "../system/varlink.mjs";

const bin = process.env.KK_BIN;
const isInside = process.env.KK_OWN_NET === "yes";
const image = "rootfs/image/files/usr/lib/systemd/system";
const proxyPort = 3128;

function why() {
	const try_ = spawnSync("unshare", ["-n", "-m", "sh", "-c",
		"ip link set lo up && mount -t tmpfs kk /run"], { encoding: "utf8" });

	return try_.status === 0 ? false :
		`no network namespace here: ${try_.stderr.trim()}`;
}

const skip = isInside ? false : why();

if (!isInside && !skip) {
	const { status } = spawnSync("unshare", ["-n", "-m", "sh", "-c",
		'ip link set lo up && exec "$@"', "sh", process.execPath,
		"--test-reporter=tap", import.meta.filename], { stdio: "inherit",
		env: { ...process.env, KK_OWN_NET: "yes",
			NODE_TEST_CONTEXT: undefined } });

	process.exit(status ?? 1);
}

/* --- units ---------------------------------------------------------------- */

/* Of a unit and its drop-in of the image: what stands there, in its order. */
function unitRead(name) {
	const text = [`rootfs/units/${name}.service`,
		`${image}/${name}.service.d/image.conf`].map((path) =>
	    readFileSync(path, "utf8")).join("\n")
	    .replace(/\\\n\s*/g, "").replace(/^#.*$/gm, "");

	return [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) =>
	    [key, value]);
}

/* systemd.exec(5), as far as ours use it: A=b "C=d e". */
function settingsOf(line) {
	return [...line.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)]
	    .map(([, quoted, plain]) => plain ?? quoted.replace(/\\(.)/g, "$1"))
	    .map((one) => [one.slice(0, one.indexOf("=")),
		    one.slice(one.indexOf("=") + 1)]);
}

function fileRead(path) {
	if (!existsSync(path))
		return [];
	return readFileSync(path, "utf8").trim().split("\n").map((line) => {
		const [name] = line.split("=", 1);
		const value = line.slice(name.length + 1);

		return [name, value.startsWith('"') ?
			value.slice(1, -1).replace(/\\(.)/g, "$1") : value];
	});
}

function environmentOf(unit) {
	const all = {};

	for (const [key, value] of unit)
		if (key === "Environment")
			Object.assign(all, Object.fromEntries(settingsOf(value)));
	for (const [key, value] of unit)
		if (key === "EnvironmentFile")
			Object.assign(all, Object.fromEntries(fileRead(
			    value.replace(/^-/, ""))));
	return all;
}

/* $NAME is words, ${NAME} is a part of one; users are all this one here. */
function wordsOf(line, environment) {
	return line.split(/\s+/).flatMap((word) => /^\$\w+$/.test(word) ?
		(environment[word.slice(1)] ?? "").split(/\s+/).filter((w) => w) :
		[word.replace(/\$\{(\w+)\}/g, (_, name) => environment[name])])
	    .map((word) => word.replace(/^(--allow=\w+:)\d+$/, "$10")
		    .replace("/usr/lib/konklave", bin)
		    .replace("/usr/share/konklave/prompts", process.env.KK_PROMPTS));
}

let folder;
const running = [];

function start(name, words, environment = {}) {
	const child = spawn(words[0], words.slice(1), { stdio: ["ignore", "pipe",
		"pipe"], env: { ...process.env, ...environment } });
	const p = { name, child, text: "" };

	child.stdout.on("data", (piece) => { p.text += piece; });
	child.stderr.on("data", (piece) => { p.text += piece; });
	p.ended = new Promise((done) => child.on("close", done));
	child.on("close", () => { p.hasEnded = true; });
	running.push(p);
	return p;
}

const ready = (p, what = /ready/) => until(`${p.name} is ready`, () =>
    what.test(p.text), () => {
	assert.ok(!p.hasEnded, `${p.name}: ${p.text}`);
	return true;
});

async function unitStart(name) {
	const unit = unitRead(name);
	const state = join(folder, "state", name);
	const credentials = `/run/credentials/${name}.service`;
	const environment = { ...environmentOf(unit), STATE_DIRECTORY: state,
		CREDENTIALS_DIRECTORY: credentials };

	/* A unit starts where one of these is there. */
	assert.ok(unit.filter(([key]) => key === "ConditionPathExists").length === 0 ||
	    unit.some(([key, value]) => key === "ConditionPathExists" &&
		existsSync(value.replace(/^\|/, ""))), `${name} would not start`);
	for (const path of [state, credentials, `/run/konklave/${name}`])
		mkdirSync(path, { recursive: true, mode: 0o700 });
	for (const [key, value] of unit) {
		if (key === "LoadCredential" && existsSync(`/run/credstore/${value}`))
			copyFileSync(`/run/credstore/${value}`,
			    join(credentials, value));
	}
	writeFileSync(join(credentials, "keyd.wrap-key"), Buffer.alloc(32, 7),
	    { mode: 0o600 });
	const p = start(name, wordsOf(unit.find(([key]) => key === "ExecStart")[1],
	    environment), environment);

	await ready(p);
	return p;
}

/* --- the site ------------------------------------------------------------- */

const sh = (script) => execFileSync("sh", ["-euc", script], { cwd: folder,
	encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const hash = (name, text) => createHash(name).update(text).digest("hex");

async function serverStart() {
	sh(`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout ca.key -subj /CN=Site -days 2 -out ca.pem
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout server.key -subj /CN=sfu -out server.csr
	printf 'extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n' >ext
	openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 2 \
	    -extfile ext -out server.pem
	${bin}/sfud --make-token=token
	mkdir -m 700 sfu`);
	await ready(start("sfud", [`${bin}/sfud`, `--state=${folder}/sfu`,
		`--site-token-hash=${folder}/token-hash`, "--workers=1",
		"--listen=127.0.0.1:8443", `--cert=${folder}/server.pem`,
		`--key=${folder}/server.key`, "--media-port=9443",
		"--media-over=udp"]));
	writeFileSync(join(folder, "proxy.conf"), `Port ${proxyPort}
Listen 127.0.0.1
Timeout 600
LogFile "${folder}/proxy.log"
LogLevel Connect
MaxClients 16
ConnectPort 8443
BasicAuth room4 pass-w0rd
`);
	start("tinyproxy", ["tinyproxy", "-d", "-c", join(folder, "proxy.conf")]);
	await until("the proxy is there", () => existsSync(join(folder,
	    "proxy.log")) && /Initial(ized|izing)|Accepting|Starting main loop/
	    .test(readFileSync(join(folder, "proxy.log"), "utf8")));
}

function configure() {
	const token = readFileSync(join(folder, "token")).toString("hex");
	const root = join(folder, "root");

	mkdirSync(join(root, "var/lib/konklave/site"), { recursive: true });
	mkdirSync(join(root, "run"));
	sh(`mount --bind ${root}/run /run`);
	writeFileSync(join(folder, "profile"), `name = Room 4
forwarder = https://127.0.0.1:8443
proxy = http://room4:pass%2Dw0rd@127.0.0.1:${proxyPort}
page = https://meet.example
token = ${token}
lines = 2
dial-in = 4711
dial-pin = 602214
calls-from = known
callers = full
telephones = 127.0.0.1
[anchors]
${readFileSync(join(folder, "ca.pem"), "utf8")}[telephones]
desk ${hash("md5", `desk:127.0.0.1:${exchangePassword}`)}
`);
	for (const words of [["apply", join(folder, "profile")], ["start"]])
		execFileSync(`${bin}/konklave-config`, [`--root=${root}`, ...words],
		    { stdio: "ignore" });
}

before(async () => {
	if (skip)
		return;
	folder = mkdtempSync(join(tmpdir(), "lines-"));
	chmodSync(folder, 0o755);
	await serverStart();
	configure();
	for (const name of ["keyd", "roomd", "lines-keyd", "lines-roomd", "mixd",
		"lined"])
		await unitStart(name);
});

after(async () => {
	if (skip)
		return;
	for (const p of running.reverse())
		p.child.kill("SIGTERM");
	await Promise.all(running.map((p) => p.ended));
	spawnSync("umount", ["/run"]);
	rmSync(folder, { recursive: true, force: true });
});

const status = () => varlinkCall("/run/konklave/roomd/face",
    "io.konklave.Room.Status");

test("the room and its lines meet by the proxy", { skip }, async () => {
	await until("both are in", async () =>
	    (await status()).members?.length === 2 ||
	    JSON.stringify(await status()).includes("Lines of Room 4"));
	const connects = readFileSync(join(folder, "proxy.log"), "utf8")
	    .match(/CONNECT 127\.0\.0\.1:8443 /g);

	assert.equal(connects.length, 2);
});

test("a telephone of the profile calls in by number and PIN", { skip }, async () => {
	speechMake(join(folder, "speech.wav"), "One two three.");
	const phone = await phoneStart({ name: "desk", folder,
		speech: join(folder, "speech.wav"), codec: "pcma",
		exchange: { port: 5060 } });

	try {
		await phone.until("it has registered", () =>
		    phone.output.includes("200 OK () [1 binding]"));
		await phone.dial("sip:room@127.0.0.1:5060");
		await phone.until("it is answered", () => {
			assert.ok(!phone.has("CALL_CLOSED"), phone.output);
			return phone.has("CALL_ESTABLISHED");
		});
		await phone.keys("4711#602214#");
		await until("the room is told", async () =>
		    ((await status()).lines ?? []).length === 1);
		assert.equal((await status()).lines[0].label, "desk");
	} finally {
		await phone.stop();
	}
});

test("no secret of the profile is in a log or on a command line", { skip }, () => {
	for (const p of running) {
		const all = p.text + p.child.spawnargs.join(" ");

		for (const secret of ["602214", "pass-w0rd", "pass%2Dw0rd",
			readFileSync(join(folder, "token")).toString("hex")])
			assert.ok(!all.includes(secret), p.name);
	}
});
