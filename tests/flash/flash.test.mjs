/*
 * flash.test.mjs - the flash tool as a technician runs it, onto files: whole
 * images, broken ones, wrong ones, and what people and scripts are told.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync,
	writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const program = process.env.KK_FLASH;
const MiB = 1 << 20;
const imageBytes = 12 * MiB + 512 * 7;
const placeAt = 8 * MiB, placeBytes = MiB; /* of the profile */
let folder, image;

const path = (name) => join(folder, name);

function openssl(...args) {
	const run = spawnSync("openssl", args, { cwd: folder,
		encoding: "utf8" });

	assert.equal(run.status, 0, run.stderr);
}

function flash(...args) {
	return spawnSync(program, args, { encoding: "utf8", input: "",
		env: { ...process.env, KK_LANG: "en" } });
}

/* A certificate of the CA; usage as in its extension. */
function certificateMake(name, ca, usage) {
	openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
	    "ec_paramgen_curve:P-384", "-nodes", "-keyout", `${name}.key`,
	    "-subj", `/CN=${name}`, "-out", `${name}.csr`);
	writeFileSync(path("ext"), "keyUsage=critical,digitalSignature\n" +
	    `extendedKeyUsage=critical,${usage}\nbasicConstraints=CA:false\n`);
	openssl("x509", "-req", "-in", `${name}.csr`, "-CA", `${ca}.pem`,
	    "-CAkey", `${ca}.key`, "-days", "2", "-extfile", "ext",
	    "-out", `${name}.pem`);
}

function authorityMake(name) {
	openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
	    "ec_paramgen_curve:P-384", "-nodes", "-keyout", `${name}.key`,
	    "-subj", `/CN=${name}`, "-days", "2", "-out", `${name}.pem`);
}

/* An image with a table that names the profile's partition. */
function imageMake() {
	const data = Buffer.alloc(imageBytes);

	for (let i = MiB; i < 6 * MiB; i += 4)
		data.writeUInt32LE((i * 2654435761) >>> 0, i);
	data.fill("Konklave ", 11 * MiB);
	data.write("EFI PART", 512);
	data.writeUInt32LE(2, 512 + 72);
	data.writeUInt32LE(128, 512 + 80);
	data.writeUInt32LE(128, 512 + 84);
	data.writeUInt32LE(placeAt / 512, 1024 + 32);
	data.writeUInt32LE((placeAt + placeBytes) / 512 - 1, 1024 + 40);
	data.write("profile", 1024 + 56, "utf16le");
	return data;
}

const pack = (signer, out) => flash("pack", `--from=${path("image")}`,
    `--image=${path(out)}`, "--board=qemu-x86_64", "--release=1.2.3",
    `--key=${path(`${signer}.key`)}`, `--chain=${path(`${signer}.pem`)}`);

const write = (...args) => flash("write", `--trust=${path("site.pem")}`,
    "--yes", ...args);

/* An empty "disk". */
function diskMake(name, bytes) {
	writeFileSync(path(name), Buffer.alloc(bytes, 0xaa));
	return path(name);
}

/* That nothing was written. */
function isUntouched(disk) {
	const data = readFileSync(disk);

	return data.equals(Buffer.alloc(data.length, 0xaa));
}

before(() => {
	folder = mkdtempSync(join(tmpdir(), "kk-flash-"));
	authorityMake("site");
	authorityMake("other");
	certificateMake("updates", "site", "codeSigning");
	certificateMake("box", "site", "serverAuth");
	certificateMake("stranger", "other", "codeSigning");
	image = imageMake();
	writeFileSync(path("image"), image);
	for (const signer of ["updates", "box", "stranger"])
		assert.equal(pack(signer, `${signer}.kkf`).status, 0);
});

after(() => rmSync(folder, { recursive: true }));

test("a package is smaller than its image, and says what it is", () => {
	const run = flash("show", `--image=${path("updates.kkf")}`,
	    `--trust=${path("site.pem")}`, "--json");

	assert.deepEqual(JSON.parse(run.stdout), { board: "qemu-x86_64",
		version: "1.2.3", signer: "updates", imageBytes });
	assert.ok(readFileSync(path("updates.kkf")).length < imageBytes / 2);
});

test("an image is written, read back, and recorded", () => {
	const disk = diskMake("disk", 16 * MiB);
	const run = write(`--image=${path("updates.kkf")}`, `--to=${disk}`,
	    "--board=qemu-x86_64", `--record=${path("record")}`, "--json");
	const outcome = JSON.parse(run.stdout);

	assert.equal(run.status, 0, run.stderr);
	assert.match(run.stderr, /read back without a difference/);
	assert.match(run.stderr, /writing: 100 %/);
	assert.ok(readFileSync(disk).subarray(0, imageBytes).equals(image));
	assert.equal(outcome.result, "written");
	assert.equal(outcome.wroteBytes, imageBytes);
	assert.equal(outcome.signer, "updates");
	assert.deepEqual(JSON.parse(readFileSync(path("record"), "utf8")),
	    outcome);
});

test("a second try keeps what is there", () => {
	const run = write(`--image=${path("updates.kkf")}`,
	    `--to=${path("disk")}`, "--resume", "--json");

	assert.equal(run.status, 0, run.stderr);
	assert.equal(JSON.parse(run.stdout).wroteBytes, 34 * 512);
	assert.ok(readFileSync(path("disk")).subarray(0, imageBytes)
	    .equals(image));
});

test("a unit of a table gets its name, its site's rest, and no key", () => {
	const disk = diskMake("disk", 13 * MiB);

	writeFileSync(path("site.conf"), "site = Berlin\nlanguage = de\n" +
	    `[anchors]\n${readFileSync(path("site.pem"), "utf8")}`);
	writeFileSync(path("units.csv"), "name,vlan\nRoom 1,7\nRoom 2,8\n");
	const run = write(`--image=${path("updates.kkf")}`, `--to=${disk}`,
	    `--profile=${path("site.conf")}`, `--units=${path("units.csv")}`,
	    "--unit=2");
	const record = readFileSync(disk).subarray(placeAt);
	const bytes = record.readUInt32BE(8);
	const text = record.subarray(44, 44 + bytes).toString();

	assert.equal(run.status, 0, run.stderr);
	assert.match(run.stderr, /"Room 2"/);
	assert.equal(record.subarray(0, 8).toString(), "KKPROF01");
	assert.match(text, /^name = Room 2\nsite = Berlin\nlanguage = de\nvlan = 8\n\[anchors\]\n-----BEGIN CERTIFICATE/);
	assert.doesNotMatch(text, /PRIVATE/);
});

test("a wrong profile is named with its line, and nothing is written", () => {
	const disk = diskMake("disk", 13 * MiB);

	for (const [text, wanted] of [
		["name = A\ncolour = red\n", /line 2: there is no such key/],
		["name = A\nvlan = 5000\n", /line 2: vlan: .*1 to 4094/],
		["name = A\n" + readFileSync(path("site.key"), "utf8"),
		    /private key/]]) {
		writeFileSync(path("wrong.conf"), text);
		const run = write(`--image=${path("updates.kkf")}`,
		    `--to=${disk}`, `--profile=${path("wrong.conf")}`);

		assert.equal(run.status, 3);
		assert.match(run.stderr, wanted);
	}
	assert.ok(isUntouched(disk));
});

test("who signed decides, and what a certificate is for", () => {
	const disk = diskMake("disk", 13 * MiB);

	for (const signer of ["box", "stranger"]) {
		const run = write(`--image=${path(`${signer}.kkf`)}`,
		    `--to=${disk}`);

		assert.equal(run.status, 3);
		assert.match(run.stderr, /not signed by anybody/);
	}
	assert.ok(isUntouched(disk));
});

test("another board, too small a disk, no disk: refused in words", () => {
	const disk = diskMake("disk", 12 * MiB);
	const of = `--image=${path("updates.kkf")}`;

	for (const [args, wanted] of [
		[[of, `--to=${disk}`, "--board=arm64-uefi"],
		    /for qemu-x86_64, not for arm64-uefi/],
		[[of, `--to=${disk}`], /Too small: 12\.5 MB/],
		[[of, `--to=${path("nowhere")}`], /nowhere: /],
		[[of, "--to=/dev/null"], /null: /],
		[[of, `--to=${folder}`], /: /],
		[[`--image=${path("nowhere.kkf")}`, `--to=${disk}`],
		    /nowhere\.kkf: /],
		[[`--image=${path("image")}`, `--to=${disk}`],
		    /not a whole image package/]]) {
		const run = write(...args);

		assert.equal(run.status, 3, run.stderr);
		assert.match(run.stderr, wanted);
	}
	assert.ok(isUntouched(disk));
});

test("nobody there to be asked: nothing is written", () => {
	const disk = diskMake("disk", 13 * MiB);
	const run = flash("write", `--trust=${path("site.pem")}`,
	    `--image=${path("updates.kkf")}`, `--to=${disk}`);

	assert.equal(run.status, 3);
	assert.match(run.stderr, /All that is on .* will be lost/);
	assert.match(run.stderr, /--yes/);
	assert.ok(isUntouched(disk));
});

/* What is signed is refused before a byte is written, and a chunk with a wrong
 * hash leaves a disk that does not boot.  CMS has bits around the signature that
 * mean nothing: then all is as it was. */
test("no turned bit of a package is ever written", () => {
	const whole = readFileSync(path("updates.kkf"));
	const signedBytes = 16 + whole.readUInt32BE(8);
	const headBytes = signedBytes + whole.readUInt32BE(12);
	let disk = diskMake("disk", 13 * MiB);
	const flipped = (at, bit) => {
		const broken = Buffer.from(whole);

		broken[at] ^= 1 << bit;
		writeFileSync(path("broken.kkf"), broken);
		return write(`--image=${path("broken.kkf")}`, `--to=${disk}`)
		    .status;
	};

	for (let i = 0; i < 16; i++)
		assert.equal(flipped(i < 8 ? 2 * i : (i * 791) % signedBytes,
		    i % 8), 3);
	assert.ok(isUntouched(disk));
	for (let i = 0; i < 16; i++) {
		const at = signedBytes +
		    (i * 791) % (headBytes - signedBytes);
		const status = flipped(at, i % 8);

		assert.ok(status === 3 || status === 0, `${at}: ${status}`);
		if (status === 0) {
			assert.ok(readFileSync(disk).subarray(0, imageBytes)
			    .equals(image));
			disk = diskMake("disk", 13 * MiB);
		}
		assert.ok(isUntouched(disk));
	}
	for (let i = 0; i < 4; i++) {
		const at = headBytes +
		    (i * 1047290) % (whole.length - headBytes);

		assert.equal(flipped(at, i), 1, `byte ${at}`);
		assert.notEqual(readFileSync(disk).subarray(512, 520)
		    .toString(), "EFI PART");
	}
});

test("a package that ends early is refused or does not boot", () => {
	const whole = readFileSync(path("updates.kkf"));

	for (const bytes of [0, 7, 15, 16, 500, whole.length >> 1,
		whole.length - 1]) {
		const disk = diskMake("disk", 13 * MiB);

		writeFileSync(path("short.kkf"), whole);
		truncateSync(path("short.kkf"), bytes);
		const { status } = write(`--image=${path("short.kkf")}`,
		    `--to=${disk}`);

		assert.ok(status === 1 || status === 3, `${bytes}: ${status}`);
		assert.notEqual(readFileSync(disk).subarray(512, 520)
		    .toString(), "EFI PART");
	}
});

test("the list is JSON for scripts", { skip: existsSync("/sys/block") ? false :
    "no /sys here" }, () => {
	const list = flash("list", "--json");

	assert.equal(list.status, 0, list.stderr);
	assert.ok(Array.isArray(JSON.parse(list.stdout)));
});

test("wrong options are told", () => {
	assert.equal(flash("fly").status, 2);
	assert.equal(flash("write", "--to=x").status, 2);
	assert.equal(flash("pack", "--image=x").status, 2);
	assert.equal(flash("write", "--image=x", "--to=y", "--unit=1").status,
	    2);
});

/* A container's first process, even under the kernel's name for it. */
test("as the first process of another system it takes options as ever", (t) => {
	const run = spawnSync("unshare", ["--fork", "--pid", "bash", "-c",
		`exec -a /init "${program}"`], { encoding: "utf8" });

	if (/^unshare:/.test(run.stderr))
		return t.skip(run.stderr.trim());
	assert.equal(run.status, 2, run.stderr);
});
