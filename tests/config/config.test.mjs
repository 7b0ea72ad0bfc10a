/*
 * config.test.mjs - konklave-config as a technician and a box's units run it, in
 * a folder in place of /: what is wrong, what is kept, what becomes of it.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync,
	readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";

const program = process.env.KK_CONFIG;
const token = "00112233445566778899aabbccddeeff".repeat(2);
const whole = `# Room 4's
name = Room 4
site = Berlin
network = static
address = 192.0.2.10/24
vlan = 12
time = ntp.example
forwarder = https://sfu.example
page = https://meet.example
token = ${token}
`;
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const withLines = `${whole}proxy = http://u:pa55word@proxy.example:3128
8021x = eap-tls
8021x-server = radius.example
lines = 4
dial-in = 4711
dial-pin = 602214
exchange = sip:pbx.example
exchange-user = room4
exchange-password = w0rd
telephones = box.example
[8021x-anchors]
${pem}[telephones]
desk ${token.slice(32)}
`;
const secrets = { "credstore/roomd.site-token": null,
	"credstore/roomd.proxy": /pa55word/,
	"credstore/lines-roomd.dial-in": /602214/,
	"credstore/lined.trunk": /^password=w0rd$/m,
	"credstore/lined.accounts": /^desk [0-9a-f]{32}$/m };
const kept = "var/lib/konklave/site/profile";
const disk = "dev/disk/konklave/profile";
let folder;

const path = (name) => join(folder, name);
const read = (name) => readFileSync(path(name), "utf8");
/* What the room's picture is told. */
const told = (name) => read(`run/konklave/notice/${name}`);
const mode = (name) => statSync(path(name)).mode & 0o777;

function put(name, content) {
	mkdirSync(dirname(path(name)), { recursive: true });
	writeFileSync(path(name), content);
}

function run(args, language = "en") {
	return spawnSync(program, [`--root=${folder}`, ...args], {
		encoding: "utf8", env: { ...process.env, KK_LANG: language } });
}

function runs(...args) {
	const done = run(args);

	assert.equal(done.status, 0, done.stderr);
	return done;
}

/* As konklave-flash leaves it (konklave-profile(5)). */
function record(text) {
	const content = Buffer.from(text);
	const head = Buffer.alloc(12);

	head.write("KKPROF01");
	head.writeUInt32BE(content.length, 8);
	return Buffer.concat([head,
		createHash("sha256").update(content).digest(), content,
		Buffer.alloc(1 << 20)]);
}

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "config-"));
	mkdirSync(path("var/lib/konklave/site"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a right file is right, and nothing is kept of it", () => {
	put("a", whole);
	runs("check", path("a"));
	assert.ok(!existsSync(path(kept)));
});

test("what is wrong is told with its line, in both languages", () => {
	put("a", "name = A\n\nvlan = 5000\n");
	const english = run(["check", path("a")]);
	const german = run(["check", path("a")], "de_DE.UTF-8");

	assert.equal(english.status, 1);
	assert.match(english.stderr, /a: line 3: vlan: .* \(1 to 4094\)/);
	assert.match(german.stderr, /a: Zeile 3: vlan: .* \(1 bis 4094\)/);
	put("a", "language = de\nname = A\nvlan = 5000\n");
	assert.match(run(["check", path("a")]).stderr, /Zeile 3/);
	put("a", "site = B\n");
	assert.match(run(["check", path("a")]).stderr, /a: name: .*missing/);
});

test("--json tells the same to scripts", () => {
	put("a", "name = A\ncolour = red\n");
	const wrong = run(["--json", "check", path("a")]);
	const told = JSON.parse(wrong.stdout);

	assert.equal(wrong.status, 1);
	assert.equal(told.ok, false);
	assert.equal(told.line, 2);
	put("a", "name = A\nvlan = 0\n");
	assert.equal(JSON.parse(run(["--json", "check", path("a")]).stdout).key,
	    "vlan");
	put("a", whole);
	assert.deepEqual(JSON.parse(runs("--json", "check",
	    path("a")).stdout), { ok: true, warnings: [] });
	assert.equal(JSON.parse(run(["--json", "check",
		path("none")]).stdout).error, "KK_ENOENT");
});

test("what is wrong changes nothing of what is kept", () => {
	put("a", whole);
	runs("apply", path("a"));
	put("b", "name = B\nname = C\n");
	assert.equal(run(["apply", path("b")]).status, 1);
	assert.equal(read(kept), whole);
});

test("what is applied is kept as it is, for root alone", () => {
	put("a", whole);
	chmodSync(path("a"), 0o644);
	runs("apply", path("a"));
	assert.equal(read(kept), whole);
	assert.equal(mode(kept), 0o600);
	assert.deepEqual(readdirSync(path(dirname(kept))), ["profile"]);
});

test("a stick's is taken by a box that has none, and by no other", () => {
	put("a", whole);
	put("b", "name = B\n");
	runs("take", path("a"));
	const again = run(["take", path("b")]);

	assert.equal(again.status, 1);
	assert.match(again.stderr, /has a profile already/);
	assert.equal(read(kept), whole);
});

test("what is shown has no secret", () => {
	put("a", whole);
	runs("apply", path("a"));
	const text = runs("show").stdout;
	const told = JSON.parse(runs("--json", "show").stdout);

	assert.match(text, /^name = Room 4$/m);
	assert.ok(!text.includes(token));
	assert.equal(told.site, "Berlin");
	assert.equal(told.token, "***");
});

test("no secret of proxy and lines is shown, in either form", () => {
	put("a", withLines);
	runs("apply", path("a"));
	const text = runs("show").stdout;
	const told = JSON.parse(runs("--json", "show").stdout);

	for (const secret of ["pa55word", "602214", "w0rd", token.slice(32)])
		assert.ok(!(text + JSON.stringify(told)).includes(secret), secret);
	assert.match(text, /^proxy = http:\/\/\*\*\*@proxy\.example:3128$/m);
	assert.equal(told["dial-pin"], "***");
	assert.equal(told["exchange-user"], "room4");
});

test("a start makes files for the network and the lines, secrets for root", () => {
	put(kept, withLines);
	runs("start");
	assert.match(read("run/konklave/config/8021x.conf"), /^eap=TLS$/m);
	assert.equal(read("run/konklave/config/8021x-anchors.pem"), pem);
	for (const name of ["lines-keyd", "lines-roomd", "mixd", "lined"])
		assert.equal(mode(`run/konklave/config/${name}.env`), 0o644);
	for (const [name, has] of Object.entries(secrets)) {
		assert.equal(mode(`run/${name}`), 0o600, name);
		if (has)
			assert.match(read(`run/${name}`), has);
	}
	for (const name of readdirSync(path("run/konklave/config")))
		assert.doesNotMatch(read(`run/konklave/config/${name}`),
		    /pa55word|602214|w0rd/);
	put(kept, "name = B\n");
	runs("start");
	for (const name of Object.keys(secrets))
		assert.ok(!existsSync(path(`run/${name}`)), name);
	assert.deepEqual(readdirSync(path("run/konklave/config")).sort(),
	    ["keyd.env", "mediad.env"]);
});

test("a wrong telephone is told with its line, and not repeated", () => {
	put("a", "name = A\n[telephones]\ndesk pa55word\n");
	assert.match(run(["check", path("a")]).stderr,
	    /a: line 3: this line is not "USER HA1"/);
	assert.match(run(["check", path("a")], "de").stderr, /Zeile 3/);
	assert.doesNotMatch(run(["check", path("a")]).stderr, /pa55word/);
});

test("a start makes the files that others read, and the secret is root's", () => {
	put(kept, whole);
	runs("start");
	assert.match(read("run/systemd/network/41-konklave.network"),
	    /^Address=192.0.2.10\/24$/m);
	assert.match(read("run/systemd/timesyncd.conf.d/konklave.conf"),
	    /NTP=ntp.example/);
	assert.match(read("run/konklave/config/roomd.env"),
	    /--server=sfu.example:443/);
	assert.equal(readFileSync(path("run/credstore/roomd.site-token"))
	    .toString("hex"), token);
	assert.equal(mode("run/credstore/roomd.site-token"), 0o600);
	assert.equal(mode("run/systemd/network/40-konklave.network"), 0o644);
	assert.equal(mode("run/systemd/network"), 0o755);
});

test("what a profile no longer says is gone after the next start", () => {
	put(kept, whole);
	runs("start");
	put(kept, "name = B\n");
	runs("start");
	assert.deepEqual(readdirSync(path("run/systemd/network")),
	    ["40-konklave.network"]);
	assert.ok(!existsSync(path("run/credstore/roomd.site-token")));
	assert.ok(!existsSync(path("run/konklave/config/roomd.env")));
});

test("a box without a profile starts, and nothing is made", () => {
	const done = runs("start");

	assert.match(done.stderr, /no profile yet/);
	assert.ok(!existsSync(path("run")));
});

test("what was flashed is kept at the first start, and erased on the disk", () => {
	put(disk, record(whole));
	const size = statSync(path(disk)).size;

	runs("start");
	assert.equal(read(kept), whole);
	assert.match(read("run/konklave/config/mediad.env"), /Room 4/);
	const left = readFileSync(path(disk));

	assert.equal(left.length, size);
	assert.ok(left.every((byte) => byte === 0));
});

test("a power cut before the disk's was erased changes nothing", () => {
	put(kept, whole);
	put(disk, record("name = Other\n"));
	runs("start");
	assert.equal(read(kept), whole);
	assert.ok(readFileSync(path(disk)).every((byte) => byte === 0));
});

test("whichever sectors a power cut has left of the disk's go, too", () => {
	const text = `${whole}${"# says nothing\n".repeat(120)}`;
	const sectors = Math.ceil((44 + text.length) / 512);

	assert.ok(sectors > 4 && sectors < 7);
	put(kept, text);
	for (let mask = 1; mask < 1 << sectors; mask++) {
		const left = record(text);

		for (let n = 0; n < sectors; n++)
			if (!(mask >> n & 1))
				left.fill(0, n * 512, (n + 1) * 512);
		put(disk, left);
		runs("start");
		assert.equal(read(kept), text);
		assert.ok(readFileSync(path(disk)).every((byte) => byte === 0),
		    `sectors ${mask.toString(2)}`);
	}
});

test("a disk's profile that is damaged, wrong or none is not taken", () => {
	for (const at of [12, 50]) {
		const broken = record(whole);

		broken[at] ^= 1;
		put(disk, broken);
		assert.match(runs("start").stderr, /damaged/);
	}
	put(disk, record("name = A\ncolour = red\n"));
	assert.match(runs("start").stderr, /line 2/);
	put(disk, record(whole).subarray(0, 100));
	assert.match(runs("start").stderr, /damaged/);
	for (const none of [Buffer.alloc(1 << 20), Buffer.alloc(0),
		Buffer.from("KKPROF01")]) {
		put(disk, none);
		assert.match(runs("start").stderr, /no profile yet/);
	}
	assert.ok(!existsSync(path(kept)));
});

test("a newer version's lines are warned of, not used, and kept", () => {
	const newer = `wlan = guests\n${whole}`.replace("static", "mesh")
		.replace("address = 192.0.2.10/24\n", "");

	put(kept, newer);
	const done = runs("start");
	const told = JSON.parse(runs("--json", "start").stdout);

	assert.match(done.stderr, /line 1: .*kept for another version/);
	assert.deepEqual(told.warnings.map((one) => one.line), [1, 5]);
	assert.equal(read(kept), newer);
	assert.match(read("run/systemd/network/41-konklave.network"),
	    /DHCP=yes/);
});

test("a stored profile that cannot be read leaves what was made", () => {
	put(kept, whole);
	runs("start");
	put(kept, "name = A\nnonsense\n");
	assert.equal(run(["start"]).status, 1);
	assert.match(read("run/konklave/config/mediad.env"), /Room 4/);
});

test("a box without the TPM that its key is to be in is told so", () => {
	put(kept, "name = A\nkeys = tpm\n");
	const english = runs("start");
	const told = JSON.parse(runs("--json", "start").stdout);

	assert.match(english.stderr, /no TPM that it can use/);
	assert.deepEqual(told.warnings.map((one) => one.key), ["keys"]);
	put(kept, "name = A\nlanguage = de\nkeys = tpm\n");
	assert.match(runs("start").stderr, /kein TPM, das es benutzen kann/);
	/* It is still asked for, and nothing else in its place. */
	assert.match(read("run/konklave/config/keyd.env"),
	    /^KEYD_OPTIONS="--keystore=tpm2"$/m);
	put("dev/tpmrm0", "");
	assert.doesNotMatch(runs("start").stderr, /TPM/);
	put(kept, "name = A\n" +
	    "keys = pkcs11:token=a?module-path=/usr/lib/token.so\n");
	assert.match(runs("start").stderr, /token's library/);
	put("usr/lib/token.so", "");
	assert.doesNotMatch(runs("start").stderr, /library/);
});

test("a wrong place for the key is told with its line", () => {
	put("a", "name = A\nkeys = usb\n");
	assert.match(run(["check", path("a")]).stderr,
	    /a: line 2: keys: this key does not take .*\(file, tpm, or pkcs11:/);
	assert.match(run(["check", path("a")], "de").stderr,
	    /Zeile 2: keys: diesen Wert .*\(file, tpm oder pkcs11:/);
});

/* --- a factory reset ------------------------------------------------------ */

const key = "dev/disk/konklave/key";
const uuid = "4b4f4e4b-4c41-4556-8000-00000000beef";

function boxMake() {
	put(key, Buffer.alloc(1 << 20, 7));
	put("proc/sys/kernel/random/boot_id",
	    "0a1b2c3d-0000-4000-8000-000000000000\n");
	put("sys/class/dmi/id/product_uuid", `${uuid}\n`);
}

const marked = () => readFileSync(path(key)).subarray(4096, 4104).toString() ===
    "KKRESET1";

test("a reset is asked for twice, and can be taken back", () => {
	boxMake();
	assert.match(runs("reset").stderr, /erase all [^]* reset 0a1b2c3d$/m);
	assert.equal(JSON.parse(runs("--json", "reset").stdout).of, "0a1b2c3d");
	assert.ok(!marked());
	assert.match(run(["reset", "00000000"]).stderr, /not the code/);
	assert.ok(!marked());
	assert.match(runs("reset", "0a1b2c3d").stderr, /next start/);
	assert.ok(marked());
	const content = readFileSync(path(key));

	assert.equal(content.length, 1 << 20);
	assert.ok(content.subarray(0, 4096).every((byte) => byte === 7));
	runs("reset", "cancel");
	assert.ok(!marked());
	assert.match(run(["reset"], "de").stderr, /Zum Bestätigen/);
});

test("a stick resets the box that it names, and no other", () => {
	boxMake();
	mkdirSync(path("run/konklave/notice"), { recursive: true });
	put("stick/konklave-reset.txt", "erase 00000000-0000\n");
	assert.match(run(["stick", path("stick")]).stderr, /another box/);
	assert.match(told("stick"), /^reset-other 0 \d+\n$/);
	assert.ok(!marked());
	put("stick/konklave-reset.txt", `erase ${uuid}\r\n`);
	runs("stick", path("stick"));
	assert.ok(marked());
	assert.match(told("reset"), /^reset-set 0 \d+\n$/);
	runs("reset", "cancel");
	assert.match(told("reset"), /^none 0 /);
	rmSync(path("sys"), { recursive: true }); /* a board that has no name */
	put("stick/konklave-reset.txt", "erase ");
	assert.equal(run(["stick", path("stick")]).status, 1);
});

test("what a stick has for others is not called nothing for this box", () => {
	mkdirSync(path("run/konklave/notice"), { recursive: true });
	put("stick/nothing.pem", "");
	assert.match(run(["stick", path("stick")]).stderr, /nothing for this/);
	assert.match(told("stick"), /^stick-nothing 0 \d+\n$/);
	for (const name of ["konklave-test.raucb", "konklave-1a2b3c4d.pem",
		"konklave-request", "Konklave-Request.txt"]) {
		put(`stick/${name}`, "x");
		const done = runs("stick", path("stick"));

		assert.equal(done.stdout + done.stderr, "");
		assert.match(told("stick"), /^stick-reading 0 \d+\n$/);
		rmSync(path(`stick/${name}`));
	}
	assert.match(run(["stick", path("stick")]).stderr, /nothing for this/);
});

test("a stick brings a box its first profile, and no second one", () => {
	boxMake();
	put("stick/konklave.conf", "name = A\ncolour = red\n");
	assert.match(run(["stick", path("stick")]).stderr, /line 2/);
	put("stick/konklave.conf", whole);
	runs("stick", path("stick"));
	assert.equal(read(kept), whole);
	put("stick/konklave.conf", "name = B\n");
	mkdirSync(path("run/konklave/notice"), { recursive: true });
	assert.equal(run(["stick", path("stick")]).status, 1);
	assert.match(told("stick"), /^profile-there 0 \d+\n$/);
	assert.equal(read(kept), whole);
	assert.ok(!marked());
	mkdirSync(path("empty"));
	assert.equal(run(["stick", path("empty")]).status, 1);
});

test("a disk without the place says so", () => {
	put("proc/sys/kernel/random/boot_id", "0a1b2c3d-0000\n");
	assert.equal(run(["reset", "0a1b2c3d"]).status, 1);
});

test("a wrong command is refused", () => {
	for (const words of [[], ["check"], ["show", "x"], ["erase"],
		["check", "a", "b"]])
		assert.equal(run(words).status, 2);
});
