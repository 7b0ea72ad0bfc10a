/*
 * box.mjs - a box of plain files, with the real konklave-boot, konklave-update
 * and konklave-fetch, and a roomd that says what the test says.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from
	"node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bin = process.env.KK_BIN;
const here = import.meta.dirname;
const layout = `set -e
mkdir vars state notices fetch dev dev/konklave dev/by-partuuid before
mkdir -p sys/class/block sys/disk/sdx1 sys/disk/queue
mkdir -p esp/EFI/konklave esp/EFI/BOOT
ln -s ../../disk/sdx1 sys/class/block/sdx1
echo 1 >sys/disk/sdx1/partition
echo 2048 >sys/disk/sdx1/start
echo 262144 >sys/disk/sdx1/size
echo 512 >sys/disk/queue/logical_block_size
: >dev/sdx1
ln -s ../sdx1 dev/konklave/esp
ln -s ../sdx1 dev/by-partuuid/8be4df61-93ca-11d2-aa0d-00e098032b8c
echo IMAGE_ID=test >os-release
head -c 300000 /dev/zero | tr '\\0' A >slot-a
head -c 300000 /dev/zero | tr '\\0' B >slot-b
echo old a >esp/EFI/konklave/a.efi
echo old b >esp/EFI/konklave/b.efi
cp esp/EFI/konklave/a.efi esp/EFI/BOOT/BOOTX64.EFI
printf '#!/bin/sh\\nexec %s/konklave-boot --efivars=%s/vars \
--cmdline=%s/cmdline --boot-id=%s/boot_id --sys=%s/sys --dev=%s/dev "$@"\\n' \
	"$bin" "$PWD" "$PWD" "$PWD" "$PWD" "$PWD" >boot
printf '#!/bin/sh\\necho "$@" >>%s/reboots\\n' "$PWD" >reboot
printf '#!/bin/sh\\nexec node %s/rauc.mjs "$@"\\n' "$here" >rauc
chmod +x boot reboot rauc
`;

export async function until(what, text = what.toString()) {
	for (let i = 0; i < 3000; i++) {
		if (await what()) return;
		await new Promise((done) => setTimeout(done, 10));
	}
	assert.fail(`it never came: ${text}`);
}

/* Says the plan to whoever looks (io.konklave.Room.Plan). */
function roomdStart(path) {
	const links = new Set();
	const room = { others: false };
	const tell = (socket) => socket.write(JSON.stringify({ parameters: {
		phase: "in", people: [{ isSelf: true },
			...(room.others ? [{ isSelf: false }] : [])],
		lines: [] }, continues: true }) + "\0");
	const server = net.createServer((socket) => {
		socket.once("data", () => {
			links.add(socket);
			tell(socket);
		});
		socket.on("close", () => links.delete(socket));
		socket.on("error", () => {});
	});

	server.listen(path);
	room.say = (others) => {
		room.others = others;
		links.forEach(tell);
	};
	room.stop = () => {
		links.forEach((socket) => socket.destroy());
		server.close();
	};
	return room;
}

export class Box {
	/* options: more of konklave-fetch's, and of konklave-update's. */
	constructor(keys, { fetch = [], update = [] } = {}) {
		this.folder = mkdtempSync(join(tmpdir(), "kk-fetch-"));
		this.ca = join(keys, "ca.pem");
		this.options = { fetch, update };
		this.boots = 0;
		this.running = [];
		this.script(layout);
		this.boot("a", 3);
		this.script("./boot setup");
	}

	path(name) { return join(this.folder, name); }
	read(name) { return readFileSync(this.path(name), "utf8"); }
	has(name) { return existsSync(this.path(name)); }

	script(text) {
		return execFileSync("sh", ["-ec", text], { cwd: this.folder,
			encoding: "utf8", env: { ...process.env, bin, here } });
	}

	boot(slot, version) {
		this.boots++;
		writeFileSync(this.path("cmdline"),
		    `konklave.slot=${slot} konklave.version=${version}\n`);
		writeFileSync(this.path("boot_id"), "00000000-0000-0000-0000-" +
		    String(this.boots).padStart(12, "0") + "\n");
		this.script("./boot started");
	}

	/* Where everything is, for the service and its commands. */
	places() {
		const names = ["state", "os-release", "cmdline", "rauc", "boot",
			"reboot", "slot-a", "slot-b", "esp", "notices"];

		return [...names.map((name) => `--${name}=${this.path(name)}`),
			`--boot-id=${this.path("boot_id")}`,
			`--rauc-conf=${this.ca}`,
			"--fallback=EFI/BOOT/BOOTX64.EFI",
			`--socket=control:${this.path("control")}`,
			`--fetch=${this.path("fetcher")}`,
			`--fetched=${this.path("fetch/bundle.raucb")}`];
	}

	spawn(name, args) {
		/* What stands in the environment is not to be used. */
		const child = spawn(join(bin, name), args, { env: {
			...process.env, https_proxy: "http://127.0.0.1:9",
			HTTPS_PROXY: "http://127.0.0.1:9", no_proxy: "*" },
			stdio: ["ignore", "ignore", "pipe"] });

		child.log = "";
		child.stderr.on("data", (text) => { child.log += text; });
		child.end = new Promise((done) =>
		    child.on("exit", (code, signal) => done(code ?? signal)));
		this.running.push(child);
		return child;
	}

	async startFetch() {
		this.fetch = this.spawn("konklave-fetch", [
			`--state=${this.path("fetch")}`,
			`--socket=control:${this.path("fetcher")}`,
			`--rauc=${this.path("rauc")}`, `--rauc-conf=${this.ca}`,
			`--trust=${this.ca}`, "--rate=0", "--wait-ms=5",
			"--reserve=1", ...this.options.fetch]);
		await until(() => this.has("fetcher"));
	}

	async startUpdate() {
		this.room ??= roomdStart(this.path("roomd"));
		this.update = this.spawn("konklave-update", ["serve",
			...this.places(), `--roomd=${this.path("roomd")}`,
			"--restart-seconds=0", ...this.options.update]);
		await until(() => this.has("control"));
		await until(() => this.status().isInMeeting ===
		    this.room.others);
	}

	/* Confirmed, and nothing under way. */
	async start() {
		await this.startFetch();
		await this.startUpdate();
		this.runs("mark-good");
		this.script("cp -a slot-a slot-b vars esp before/");
		return this;
	}

	/* By SIGTERM it ends well; the sanitizer's findings are an error. */
	async stop(child, signal = "SIGTERM") {
		if (!this.running.includes(child)) return;
		this.running = this.running.filter((other) => other !== child);
		child.kill(signal);
		assert.equal(await child.end, signal === "SIGTERM" ? 0 : signal,
		    child.log);
	}

	async kill() {
		for (const child of [this.update, this.fetch])
			await this.stop(child, "SIGKILL");
		this.script("rm -f control fetcher");
	}

	async close() {
		for (const child of [...this.running]) await this.stop(child);
		this.room?.stop();
		rmSync(this.folder, { recursive: true });
	}

	command(words, language = "en") {
		return spawnSync(join(bin, "konklave-update"),
		    [...words, ...this.places()], { encoding: "utf8",
			env: { ...process.env, KK_LANG: language } });
	}

	/* While our own server has to answer. */
	async asks(...words) {
		const child = spawn(join(bin, "konklave-update"),
		    [...words, ...this.places()], { env: { ...process.env,
			KK_LANG: "en" } });
		let out = "";

		child.stdout.on("data", (text) => { out += text; });
		child.stderr.on("data", (text) => { out += text; });
		const code = await new Promise((done) =>
		    child.on("close", done));

		return { code, out };
	}

	runs(...words) {
		const done = this.command(words);

		assert.equal(done.status, 0, done.stdout + done.stderr);
		return done.stdout;
	}

	status() {
		const done = this.command(["status", "--json"]);

		return done.status === 0 ? JSON.parse(done.stdout) : {};
	}

	nothingWritten() {
		this.script("for f in slot-a slot-b vars esp; do " +
		    "diff -r $f before/$f; done");
		assert.equal(this.script("ls state"), "");
	}

	/* says: why; kept: what of it is left. */
	async refuses(says, ...words) {
		const { code, out } = await this.asks(...words);
		const standing = this.status();

		assert.equal(code, 1, out);
		assert.equal(standing.download?.says ?? standing.says, says, out);
		assert.equal(standing.state, "idle");
		this.nothingWritten();
	}

	installed(slot) {
		assert.equal(this.status().next, slot);
		this.script(`head -c 250000 /dev/zero | tr '\\0' N |
		    cmp -n 250000 - slot-${slot}
		    grep -q 'new konklave.slot=${slot} ' \
			esp/EFI/konklave/${slot}.efi`);
	}

	fetched() { return this.script("ls fetch").trim(); }
}
