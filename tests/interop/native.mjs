/* native.mjs - a Core whose C code runs in a native program (driver.c). */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync }
	from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { web } from "../web/support.mjs";

function readFull(fd, bytes) {
	const out = Buffer.alloc(bytes);

	for (let at = 0; at < bytes;) {
		const got = readSync(fd, out, at, bytes - at);

		if (got === 0)
			throw new Error("the driver ended");
		at += got;
	}
	return out;
}

/* Named pipes, so that calls are synchronous as those of WebAssembly are. */
class NativeTransport {
	constructor(program) {
		const folder = mkdtempSync(join(tmpdir(), "kk-interop-"));
		const [to, from] = ["to", "from"].map((n) => join(folder, n));

		execFileSync("mkfifo", [to, from]);
		this.child = spawn("sh", ["-c", 'exec "$0" <"$1" >"$2"',
			program, to, from], { stdio: ["ignore", "ignore",
			"inherit"] });
		this.to = openSync(to, "w");
		this.from = openSync(from, "r");
		rmSync(folder, { recursive: true });
		this.names = new Map();
	}

	call(op, input) {
		const head = Buffer.alloc(8);

		head.writeUInt32BE(op, 0);
		head.writeUInt32BE(input.length, 4);
		const request = Buffer.concat([head, input]);
		for (let at = 0; at < request.length;)
			at += writeSync(this.to, request, at);
		const answer = readFull(this.from, 8);
		const err = answer.readUInt32BE(0);
		const output = readFull(this.from, answer.readUInt32BE(4));

		if (!err)
			return { err, output: new Uint8Array(output) };
		this.names.set(err, output.toString());
		return { err, output: new Uint8Array(0) };
	}

	errName(err) {
		return this.names.get(err);
	}

	errText(err) {
		return this.names.get(err);
	}

	memoryBytes() {
		return 0;
	}

	close() {
		closeSync(this.to);
		closeSync(this.from);
	}
}

/* ended resolves to the exit status, which tells of leaks under ASan. */
export function nativeCore(program) {
	const transport = new NativeTransport(program);
	const ended = once(transport.child, "exit").then(([status]) => status);

	return { core: new web.Core(transport), ended };
}
