/*
 * bundles.mjs - bundles as RAUC makes them, by hand: blocks, the tree of their
 * hashes, a signature with the manifest inside.  And their check, for a stand-in
 * of RAUC (rauc.mjs).
 */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const blockBytes = 4096;
const hashBytes = 32;

const openssl = (...args) => execFileSync("openssl", args,
    { stdio: ["ignore", "pipe", "pipe"] });

/* A CA (ca.pem) that has certified a signer, and a server on loopback. */
export function keysMake(folder) {
	const at = (name) => join(folder, name);
	const curve = ["-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:P-256", "-nodes", "-sha256"];
	const issue = (name, subject, extensions) => {
		writeFileSync(at("ext"), extensions);
		openssl("req", ...curve, "-subj", `/CN=${subject}`, "-keyout",
		    at(`${name}.key`), "-out", at("csr"));
		openssl("x509", "-req", "-in", at("csr"), "-CA", at("ca.pem"),
		    "-CAkey", at("ca.key"), "-sha256", "-days", "30",
		    "-extfile", at("ext"), "-out", at(`${name}.pem`));
	};

	openssl("req", "-x509", ...curve, "-days", "30", "-subj", "/CN=Test CA",
	    "-addext", "basicConstraints=critical,CA:TRUE",
	    "-addext", "keyUsage=critical,keyCertSign,cRLSign",
	    "-keyout", at("ca.key"), "-out", at("ca.pem"));
	issue("update", "Test updates",
	    "keyUsage=critical,digitalSignature\n" +
	    "extendedKeyUsage=critical,codeSigning\n");
	issue("server", "Test server", "subjectAltName=IP:127.0.0.1\n" +
	    "extendedKeyUsage=serverAuth\n");
	return folder;
}

const digest = (salt, block) =>
    createHash("sha256").update(salt).update(block).digest();

function hashesOf(salt, data) {
	const hashes = [];

	for (let at = 0; at < data.length; at += blockBytes)
		hashes.push(digest(salt, data.subarray(at, at + blockBytes)));
	const level = Buffer.concat(hashes);
	const room = Math.ceil(level.length / blockBytes) * blockBytes;

	return Buffer.concat([level, Buffer.alloc(room - level.length)]);
}

/* { tree, root }: the highest level stands first. */
export function treeOf(salt, payload) {
	const levels = [];
	let data = payload;

	while (data.length > blockBytes) {
		data = hashesOf(salt, data);
		levels.unshift(data);
	}
	return { tree: Buffer.concat(levels), root: digest(salt, data) };
}

export function sealMake(keys, manifest) {
	const folder = mkdtempSync(join(tmpdir(), "kk-seal-"));
	const at = (name) => join(folder, name);

	writeFileSync(at("in"), manifest);
	openssl("cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-md",
	    "sha256", "-in", at("in"), "-signer", join(keys, "update.pem"),
	    "-inkey", join(keys, "update.key"), "-outform", "DER", "-out",
	    at("out"));
	const seal = readFileSync(at("out"));

	rmSync(folder, { recursive: true });
	return seal;
}

/* Both kernel images, and a root of random bytes. */
function payloadMake(version, blocks) {
	const head = Buffer.alloc(blockBytes, "\n");

	head.write("hsqs\n" + ["a", "b"].map((slot) =>
	    `new konklave.slot=${slot} konklave.version=${version} \n`)
	    .join(""));
	return Buffer.concat([head, randomBytes((blocks - 1) * blockBytes)]);
}

/* { data, payload, tree }: how long the first two parts are. */
export function bundleMake(keys, { board = "konklave-test", version = 4,
	blocks = 2200, /* with a tree that does not fit into the end */ payload = payloadMake(version, blocks) } = {}) {
	const salt = randomBytes(hashBytes);
	const { tree, root } = treeOf(salt, payload);
	const seal = sealMake(keys,
	    `[update]\ncompatible=${board}\nversion=${version}\n\n` +
	    "[bundle]\nformat=verity\n" +
	    `verity-hash=${root.toString("hex")}\n` +
	    `verity-salt=${salt.toString("hex")}\n` +
	    `verity-size=${tree.length}\n\n` +
	    "[image.rootfs]\nfilename=root.img\n");
	const size = Buffer.alloc(8);

	size.writeBigUInt64BE(BigInt(seal.length));
	return { data: Buffer.concat([payload, tree, seal, size]),
		payload: payload.length, tree: tree.length };
}

/* --- what RAUC does -------------------------------------------------------- */

/* The manifest of a file that the CA's signer has signed. */
export function manifestOf(data, ca) {
	const seal = data.subarray(data.length - 8 -
	    Number(data.readBigUInt64BE(data.length - 8)), data.length - 8);
	const folder = mkdtempSync(join(tmpdir(), "kk-seal-"));

	try {
		writeFileSync(join(folder, "in"), seal);
		return openssl("cms", "-verify", "-binary", "-inform", "DER",
		    "-in", join(folder, "in"), "-CAfile", ca, "-purpose",
		    "any").toString();
	} finally {
		rmSync(folder, { recursive: true });
	}
}

export const valueOf = (manifest, key) =>
    new RegExp(`^${key}=(.*)$`, "m").exec(manifest)[1];

/* Whether each of its blocks is what was signed. */
export function isWhole(data, manifest) {
	const salt = Buffer.from(valueOf(manifest, "verity-salt"), "hex");
	const bytes = Number(valueOf(manifest, "verity-size"));
	const end = data.length - 8 -
	    Number(data.readBigUInt64BE(data.length - 8));
	const made = treeOf(salt, data.subarray(0, end - bytes));

	return made.tree.equals(data.subarray(end - bytes, end)) &&
	    made.root.toString("hex") === valueOf(manifest, "verity-hash");
}
