// support.mjs - runs the supervisor, and waits for what it says.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
  symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const programs = resolve(process.env.KK_BIN ?? "build/bin");
export const sandbox = join(programs, "sandbox");
const certify = resolve("tools/sandbox/certify");

const longest = 180_000; // ms: what takes longer on any machine hangs

// Resolves when the condition holds; rejects when nothing can make it so.
export async function until(what, condition, alive = () => true) {
  for (const end = Date.now() + longest; Date.now() < end;) {
    const value = await condition();
    if (value) return value;
    if (!alive()) throw new Error(`ended before: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`still not: ${what}`);
}

export async function freePorts(count) {
  for (let first = 20000 + Math.floor(Math.random() * 20000); ; first += 10) {
    const servers = [];
    try {
      for (let i = 0; i < count; i++) {
        const server = net.createServer();
        await new Promise((done, failed) =>
          server.on("error", failed).listen(first + i, done));
        servers.push(server);
      }
      return first;
    } catch { /* the next ones */ } finally {
      await Promise.all(servers.map((s) => new Promise((done) => s.close(done))));
    }
  }
}

export function isAlive(pid) {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

// A folder with fakes, and the programs of the list as they are.
export function fakesMake(real) {
  const folder = mkdtempSync(join(tmpdir(), "kk-fakes-"));
  for (const name of ["sfud", "webd", "keyd", "roomd", "mediad", "mixd",
    "lined"]) {
    if (real.includes(name)) symlinkSync(join(programs, name), join(folder, name));
    else copyFileSync(resolve("tests/sandbox/fake"), join(folder, name));
  }
  mkdirSync(join(folder, "page"));
  writeFileSync(join(folder, "page/index.html"), "<title>x</title>");
  return folder;
}

// A test that is ended from outside leaves no sandbox behind.
const running = new Set();
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    for (const child of running) child.kill("SIGKILL");
    process.exit(1);
  });
}

// Starts one.  given: state, programs, port, args, env.
export function sandboxStart({ state, folder, port, args = [], env = {},
  page = join(folder, "page") }) {
  const child = spawn(sandbox, ["run", `--state=${state}`,
    `--programs=${folder}`, `--page=${page}`, `--certify=${certify}`,
    `--port=${port}`, ...args], { stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, KK_FAKE: folder, DISPLAY: "", ...env } });
  const run = { child, state, port, output: "", hasEnded: false };
  for (const pipe of [child.stdout, child.stderr])
    pipe.on("data", (piece) => { run.output += piece; });
  running.add(child);
  run.ended = new Promise((done) => child.on("close", (code, signal) => {
    running.delete(child);
    run.hasEnded = true;
    done({ code, signal });
  }));
  run.status = () => {
    try {
      return JSON.parse(readFileSync(join(state, "status.json"), "utf8"));
    } catch {
      return null;
    }
  };
  run.of = (label) => run.status()?.programs.find((p) => p.label === label);
  run.until = (what, condition) =>
    until(`${what}\n${run.output}`, condition, () => !run.hasEnded);
  run.running = () => run.until("it runs", () =>
    run.status()?.pid === child.pid && run.status().phase === "running");
  run.stop = async () => {
    child.kill("SIGTERM");
    return run.ended;
  };
  return run;
}

export function events(folder) {
  const path = join(folder, "events");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

export function remove(...folders) {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
