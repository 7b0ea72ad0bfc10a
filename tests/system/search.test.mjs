/* search.test.mjs - the search finds what is there, and only that. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
    from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { forms, searchFile, searchProcess, sframeKeys } from "./search.mjs";

const secret = randomBytes(16);
const name = "Zimmer 4 Süd";
const needles = [...forms("secret", secret), ...forms("name", name)];

const ways = {
	raw: (b) => b,
	hex: (b) => Buffer.from(b.toString("hex")),
	HEX: (b) => Buffer.from(b.toString("hex").toUpperCase()),
	base64: (b) => Buffer.from(b.toString("base64")),
	base64url: (b) => Buffer.from(b.toString("base64url")),
};

test("every form is found in a file, wherever it stands", (t) => {
	const folder = mkdtempSync(`${tmpdir()}/kk-search-`);
	const file = `${folder}/f`;

	t.after(() => rmSync(folder, { recursive: true }));
	for (const [form, write] of Object.entries(ways)) {
		for (let shift = 0; shift < 3; shift++) {
			writeFileSync(file, write(Buffer.concat([
				randomBytes(30 + shift), secret,
				randomBytes(31)])));
			assert.ok(searchFile(file, needles)
			    .includes(`secret (${form})`), form);
		}
	}
	for (const order of ["utf16le", "utf16be"]) {
		const b = Buffer.from(`x${name}y`, "utf16le");

		writeFileSync(file, order === "utf16be" ? b.swap16() : b);
		assert.deepEqual(searchFile(file, needles), ["name (UTF-16)"]);
	}
	writeFileSync(file, randomBytes(100000));
	assert.deepEqual(searchFile(file, needles), []);
});

test("a secret in a process's memory is found, in another's not", async (t) => {
	const holds = (what) => {
		const child = spawn(process.execPath, ["-e", `
			let kept = "";
			process.stdin.on("data", (b) => kept += b);
			process.stdin.on("end", () => {
				globalThis.kept = Buffer.from(kept, "hex");
				kept = "";
				console.log("ready");
				setInterval(() => globalThis.kept, 1e6);
			});`], { stdio: ["pipe", "pipe", "inherit"] });

		t.after(() => child.kill("SIGKILL"));
		child.stdin.end(Buffer.from(what).toString("hex"));
		return new Promise((done) => {
			child.stdout.once("data", () => done(child.pid));
		});
	};
	const with_ = await holds(Buffer.concat([randomBytes(5000), secret]));
	const without = await holds(randomBytes(5016));
	const found = searchProcess(with_, needles);

	assert.ok(found.hits.includes("secret (raw)"));
	assert.ok(found.bytes > 1 << 20);
	assert.deepEqual(searchProcess(without, needles).hits, []);
});

const vectors = join(process.env.KK_VECTORS ?? "../shared/vectors",
    "sframe/test-vectors.json");

test("frame keys are those of the official vectors", { skip:
    existsSync(vectors) ? false : `${vectors} is not here` }, () => {
	const cases = JSON.parse(readFileSync(vectors, "utf8")).sframe
	    .filter((v) => v.cipher_suite === 5);
	const bytes = (hex) => Buffer.from(hex, "hex");

	assert.ok(cases.length > 0);
	for (const v of cases) {
		const keys = sframeKeys(bytes(v.base_key), v.kid);

		assert.deepEqual(keys.key, bytes(v.sframe_key));
		assert.deepEqual(keys.salt, bytes(v.sframe_salt));
	}
});
