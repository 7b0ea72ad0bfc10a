/*
 * port.test.mjs - a box's port, its key and certificate, and a switch that asks who
 * is there: hostapd and wpa_supplicant, over a pair of veth in a network and a /run
 * of their own.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync,
	readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const bin = (name) => join(process.env.KK_BIN, name);
const isInside = process.env.KK_OWN_NET === "yes";

/* Runs this file again where it may make interfaces and mount. */
function why() {
	const try_ = spawnSync("unshare", ["-n", "-m", "sh", "-c",
		"ip link add kk0 type veth peer name kk1 && mount -t tmpfs kk /run"],
	{ encoding: "utf8" });

	return try_.status === 0 ? false :
		`no network namespace with veth here: ${try_.stderr.trim()}`;
}

const skip = isInside ? false : why();

if (!isInside && !skip) {
	const { status } = spawnSync("unshare", ["-n", "-m", process.execPath,
		"--test-reporter=tap", import.meta.filename], { stdio: "inherit",
		env: { ...process.env, KK_OWN_NET: "yes",
			NODE_TEST_CONTEXT: undefined } });

	process.exit(status ?? 1);
}

let folder, root;
const path = (...names) => join(folder, ...names);
const read = (...names) => readFileSync(path(...names), "utf8");
const sh = (script) => execFileSync("sh", ["-euc", script], { cwd: folder,
	encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
/* What the room's picture is told. */
const told = () => readFileSync(join(root, "run/konklave/notice/port"), "utf8");
const kept = (name) => join(root, "var/lib/konklave", name);

function port(args, language = "en") {
	return spawnSync(bin("konklave-port"), [`--root=${root}`, ...args], {
		encoding: "utf8", env: { ...process.env, KK_LANG: language } });
}

/* NAME.pem by CA.pem, with DNS:NAME, for a use. */
function issue(name, ca, use, dates = "-days 5", csr = "") {
	sh(`${csr ? `cp ${csr} ${name}.csr` : `openssl req -new -newkey ec \
	    -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout ${name}.key \
	    -subj /CN=${name} -out ${name}.csr`}
	printf 'basicConstraints=critical,CA:FALSE\nextendedKeyUsage=%s\nsubjectAltName=DNS:%s\n' \
	    ${use} ${name.split("_")[0]} >ext
	openssl x509 -req -in ${name}.csr -CA ${ca}.pem -CAkey ${ca}.key \
	    -extfile ext ${dates} -out ${name}.pem`);
}

/* The files that a box with this profile has at its start. */
function configure(server = "radius.site", anchors = "net") {
	writeFileSync(path("profile"), `name = Room 4
8021x = eap-tls
8021x-identity = room4@site
8021x-server = ${server}
[8021x-anchors]
${read(`${anchors}.pem`)}`);
	execFileSync(bin("konklave-config"), [`--root=${root}`, "apply",
		path("profile")], { stdio: "ignore" });
	execFileSync(bin("konklave-config"), [`--root=${root}`, "start"],
	    { stdio: "ignore" });
}

before(() => {
	if (skip)
		return;
	folder = mkdtempSync(join(tmpdir(), "port-"));
	root = path("root");
	for (const name of ["site", "credstore"])
		mkdirSync(kept(name), { recursive: true });
	mkdirSync(join(root, "run"));
	sh(`mount --bind ${root}/run /run`);
	/* The build root has no identity of its own, and a folder of /tmp is no place for
	 * a host's key to systemd-creds. */
	writeFileSync(path("machine-id"), `${"4b".repeat(16)}\n`);
	sh("mount --bind machine-id /etc/machine-id");
	process.env.SYSTEMD_CREDENTIAL_SECRET = path("secret");
	for (const ca of ["net", "other"])
		sh(`openssl req -x509 -newkey ec -pkeyopt \
		    ec_paramgen_curve:P-384 -nodes -keyout ${ca}.key \
		    -subj /CN=${ca} -days 10 -out ${ca}.pem`);
	issue("radius.site", "net", "serverAuth");
	issue("radius.site_old", "net", "serverAuth",
	    "-not_before 20200101000000Z -not_after 20210101000000Z");
	configure();
});

after(() => {
	if (!skip) {
		spawnSync("umount", ["/run", "/etc/machine-id"]);
		rmSync(folder, { recursive: true, force: true });
	}
});

/* --- the key, its request, its certificate -------------------------------- */

test("the key is made once, and is nowhere in the clear", { skip }, () => {
	const done = port(["prepare"]);

	assert.equal(done.status, 0, done.stderr);
	assert.match(done.stderr, /fingerprint ([0-9a-f]{4} ?){16}/);
	const asked = readFileSync(kept("site/port.csr"), "utf8");

	sh(`openssl req -in ${kept("site/port.csr")} -verify -noout`);
	assert.match(sh(`openssl req -in ${kept("site/port.csr")} -noout -subject`),
	    /CN *= *room4@site/);
	assert.equal(port(["prepare"]).status, 0);
	assert.equal(readFileSync(kept("site/port.csr"), "utf8"), asked);
	assert.equal(port(["request"]).stdout, asked);
	const key = execFileSync("systemd-creds", ["decrypt", "--name=port.key",
		kept("credstore.encrypted/port.key"), "-"]);

	writeFileSync(path("box.key"), key);
	assert.equal(sh("openssl pkey -inform DER -in box.key -pubout"),
	    sh(`openssl req -in ${kept("site/port.csr")} -noout -pubkey`));
	rmSync(path("box.key"));
	assert.equal(statSync(kept("credstore.encrypted/port.key")).mode & 0o77, 0);
	/* P-384's scalar, in SEC1 (RFC 5915, 3). */
	const at = key.indexOf(Buffer.from([0x04, 0x30])) + 2;
	const scalar = key.subarray(at, at + 48);

	for (const name of readdirSync(root, { recursive: true })) {
		if (statSync(join(root, name)).isFile())
			assert.ok(!readFileSync(join(root, name))
			    .includes(scalar), name);
	}
});

function refused(name, told) {
	const done = port(["certificate", path(`${name}.pem`)]);

	assert.equal(done.status, 1);
	assert.match(done.stderr, told);
	assert.ok(!existsSync(kept("credstore/port.pem")));
}

test("a certificate that does not fit is refused, and told why", { skip }, () => {
	const csr = kept("site/port.csr");

	issue("stranger", "net", "clientAuth");
	refused("stranger", /of another key than this box's request/);
	issue("wrong", "net", "serverAuth", "-days 5", csr);
	refused("wrong", /not for client authentication/);
	issue("old", "net", "clientAuth",
	    "-not_before 20200101000000Z -not_after 20210101000000Z", csr);
	refused("old", /is over/);
	issue("later", "net", "clientAuth",
	    "-not_before 20900101000000Z -not_after 20910101000000Z", csr);
	refused("later", /not good yet/);
	issue("good", "net", "clientAuth", "-days 5", csr);
	writeFileSync(path("gap.pem"), read("good.pem") + read("other.pem"));
	refused("gap", /not issued by the one behind it/);
	writeFileSync(path("none.pem"), "x\n");
	refused("none", /not a chain of certificates/);
	writeFileSync(path("tail.pem"), `${read("good.pem")}${read("good.pem")
	    .slice(0, 90)}`);
	refused("tail", /not a chain of certificates/);
	assert.match(port(["certificate", path("none.pem")], "de").stderr,
	    /keine Kette/);
});

test("the site's CA issues one, a stick carries both ways", { skip }, () => {
	mkdirSync(path("stick"));
	mkdirSync(join(root, "run/konklave/notice"), { recursive: true });
	assert.match(port(["stick", path("stick")]).stderr, /port-[0-9a-f]{8}\.csr/);
	const [asked] = readdirSync(path("stick"));

	assert.match(told(), new RegExp(`^request-put 0 \\d+ ${asked}\n$`));
	const issued = join("stick", asked.replace(".csr", ".pem"));
	const pki = bin("konklave-pki");

	sh(`echo secret passphrase >pass; chmod 600 pass
	${pki} init --ca=ca --name=Site --passphrase-file=pass
	${pki} issue network stick/${asked} --ca=ca --passphrase-file=pass --yes \
	    --out=${issued}`);
	assert.equal(port(["stick", path("stick")]).status, 0);
	assert.match(told(), /^port-taken 0 \d+ port-[0-9a-f]{8}\.pem\n$/);
	assert.equal(readFileSync(kept("credstore/port.pem"), "utf8"),
	    read(issued));
	assert.equal(statSync(kept("credstore/port.pem")).mode & 0o77, 0);
	writeFileSync(path(issued), "x");
	assert.equal(port(["stick", path("stick")]).status, 1);
	assert.match(told(), /^port-refused 0 /);
});

/* --- the switch ----------------------------------------------------------- */

/* Lines of a program, as they come. */
function program(file, args, env = {}) {
	const child = spawn(file, args, { env: { ...process.env, ...env },
		stdio: ["ignore", "pipe", "pipe"], detached: true });
	const p = { text: "", waits: [] };
	const take = (piece) => {
		p.text += piece;
		p.waits = p.waits.filter(({ what, done }) =>
		    !(what.test(p.text) && (done(), true)));
	};

	child.stdout.on("data", take);
	child.stderr.on("data", take);
	const ended = new Promise((resolve) => child.on("close", resolve));

	/* Rejects where it ends first. */
	p.says = (what) => new Promise((done, fail) => {
		p.waits.push({ what, done });
		take("");
		ended.then(() => fail(new Error(`it ended: ${p.text}`)));
	});
	p.stop = async () => {
		try {
			process.kill(-child.pid, "SIGTERM");
		} catch { /* it has ended */ }
		await ended;
	};
	return p;
}

async function switchStart(server) {
	spawnSync("ip", ["link", "del", "box0"]);
	sh(`ip link add sw0 type veth peer name box0
	ip link set sw0 up; ip link set box0 up`);
	if (!server)
		return null;
	writeFileSync(path("eap_user"), "* TLS\n");
	writeFileSync(path("clients.pem"), read("net.pem") + read("ca/ca.pem"));
	writeFileSync(path("hostapd.conf"), `interface=sw0
driver=wired
ieee8021x=1
eap_server=1
use_pae_group_addr=1
eap_user_file=${path("eap_user")}
ca_cert=${path("clients.pem")}
server_cert=${path(`${server}.pem`)}
private_key=${path(`${server}.key`)}
logger_stdout=-1
logger_stdout_level=0
`);
	const hostapd = program("hostapd", [path("hostapd.conf")]);

	await hostapd.says(/sw0: AP-ENABLED/);
	return hostapd;
}

/* A unit's credentials, and the port until it says so. */
async function stands(state, { server = "radius.site", name, anchors,
	certificate = kept("credstore/port.pem"), answer = 60 } = {}) {
	configure(name, anchors);
	const hostapd = await switchStart(server);
	const credentials = path("run-credentials");

	rmSync(credentials, { recursive: true, force: true });
	mkdirSync(credentials);
	mkdirSync("/run/konklave/port", { recursive: true });
	if (certificate)
		copyFileSync(certificate, join(credentials, "port.pem"));
	execFileSync("systemd-creds", ["decrypt", "--name=port.key",
		kept("credstore.encrypted/port.key"),
		join(credentials, "port.key")]);
	const run = program(bin("konklave-port"), [`--root=${root}`,
		`--answer=${answer}`, "run", "box0"], {
		RUNTIME_DIRECTORY: "/run/konklave/port",
		CREDENTIALS_DIRECTORY: credentials });

	try {
		/* A line may come in pieces. */
		const found = /state=(?!starting\n|asked\n)([\w-]+)\n/;

		await run.says(found);
		assert.equal(run.text.match(found)[1], state);
		assert.equal(readFileSync("/run/konklave/port/box0", "utf8").trim(),
		    state);
		assert.equal(JSON.parse(port(["--json", "status"]).stdout).box0,
		    state);
		return { said: run.text, heard: hostapd?.text,
			status: port(["status"], "de").stdout };
	} finally {
		await run.stop();
		await hostapd?.stop();
		rmSync(credentials, { recursive: true });
	}
}

test("a box that the network knows is let in", { skip }, async () => {
	const { said, status } = await stands("open");

	assert.match(said, /port box0: the network knows this box/);
	assert.match(status, /^box0: das Netz kennt dieses Gerät$/m);
	assert.doesNotMatch(said, /CN=|BEGIN|subject/);
});

test("a server of another CA is not told who we are", { skip }, async () => {
	const { said, heard } = await stands("server-untrusted",
	    { anchors: "other" });

	assert.match(said, /certificate of a CA that the profile does not have/);
	assert.doesNotMatch(heard, /authenticated - EAP type: 13/);
});

test("a server whose certificate is over is refused", { skip }, async () => {
	await stands("server-date", { server: "radius.site_old" });
});

test("a server of another name is refused", { skip }, async () => {
	await stands("server-name", { name: "other.site" });
	/* A part of the name is none, nor is a name in a list of others. */
	await stands("server-name", { name: "site, us.site" });
});

test("one name of several is enough", { skip }, async () => {
	await stands("open", { name: "a.site, radius.site" });
});

test("our own certificate that is over is told", { skip }, async () => {
	await stands("own-date", { certificate: path("old.pem") });
});

test("a network that does not know our CA refuses us", { skip }, async () => {
	issue("foreign", "other", "clientAuth", "-days 5", kept("site/port.csr"));
	await stands("refused",
	    { certificate: path("foreign.pem") });
});

test("a certificate of another key cannot be used", { skip }, async () => {
	await stands("unusable", { certificate: path("stranger.pem") });
});

test("a network in which nobody asks is told", { skip }, async () => {
	await stands("no-answer", { server: null, answer: 1 });
});

test("a box without a certificate says so, and ends", { skip }, async () => {
	await stands("no-certificate", { certificate: null });
});
