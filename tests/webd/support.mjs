// support.mjs - the real webd, with a folder and certificates of its own.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const program = process.env.KK_WEBD;
export const BIG_BYTES = 8 * 1024 * 1024;

export async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

function certificatesMake(folder) {
  const run = (...args) =>
    execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384",
    "-nodes", "-days", "2", "-subj", "/CN=Test CA", "-addext",
    "basicConstraints=critical,CA:true", "-keyout", "ca.key", "-out", "ca.pem");
  run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
    "-nodes", "-days", "2", "-subj", "/CN=box", "-addext",
    "basicConstraints=critical,CA:false", "-addext",
    "subjectAltName=DNS:localhost,DNS:box.test,IP:127.0.0.1", "-CA", "ca.pem",
    "-CAkey", "ca.key", "-keyout", "tls.key", "-out", "tls.pem");
}

function pageMake(root) {
  mkdirSync(join(root, "assets"), { recursive: true });
  mkdirSync(join(root, ".hidden"));
  const put = (name, text) => writeFileSync(join(root, name), text);
  put("index.html", "<!doctype html><title>the page</title>");
  put("assets/main-K3VJ2QZA.js", "export {};\n".repeat(500));
  put("assets/main-K3VJ2QZA.js.gz", gzipSync("export {};\n".repeat(500)));
  put("core.wasm", Buffer.from([0, 0x61, 0x73, 0x6d]));
  put("big.bin", Buffer.alloc(BIG_BYTES, "0123456789abcdef"));
  put("empty.txt", "");
  put(".hidden/key", "SECRET");
  put("../secret.txt", "SECRET");
  symlinkSync("../secret.txt", join(root, "link.txt"));
  symlinkSync("..", join(root, "up"));
  symlinkSync("index.html", join(root, "alias.html"));
  execFileSync("mkfifo", [join(root, "pipe")]);
}

export const turnSecret = "a secret that sites share with it";

export async function webdStart({ args = () => [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "kk-webd-"));
  const root = join(folder, "root");
  const port = await freePort();
  const loopback = await freePort();
  certificatesMake(folder);
  pageMake(root);
  writeFileSync(join(folder, "turn-secret"), `${turnSecret}\n`,
    { mode: 0o600 });
  const child = spawn(program, [`--root=${root}`, `--listen=${port}`,
    `--cert=${folder}/tls.pem`, `--key=${folder}/tls.key`,
    `--listen-loopback=${loopback}`, "--signal-port=8444",
    "--signal-loopback-port=8081", '--site=Haus "1"', `--trust=${folder}/ca.pem`,
    ...args(folder)],
  { stdio: ["ignore", "inherit", "pipe"] });
  let log = "";
  const ended = new Promise((done) => child.on("exit", (code, signal) =>
    done({ code, signal })));
  const ready = new Promise((done) => child.stderr.on("data", (text) => {
    log += text;
    if (log.includes("ready")) done();
  }));
  const first = await Promise.race([ready, ended]);
  if (first) throw new Error(`webd ended: ${JSON.stringify(first)}\n${log}`);
  return {
    folder, root, port, loopback, child, ended, log: () => log,
    async stop() {
      child.kill("SIGTERM");
      const how = await ended;
      rmSync(folder, { recursive: true });
      return how;
    },
  };
}

// One request on a connection of its own; path goes out as it stands.
export function ask(w, path, { method = "GET", headers = {}, tls = false,
  ca = null } = {}) {
  const options = { host: "127.0.0.1", port: tls ? w.port : w.loopback, path,
    method, headers, agent: false, ca, servername: "box.test" };
  return new Promise((done, failed) => {
    const request = (tls ? https : http).request(options, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("error", failed);
      answer.on("end", () => done({ status: answer.statusCode,
        headers: answer.headers, body: Buffer.concat(pieces) }));
    });
    request.on("error", failed);
    request.end();
  });
}

// Sends bytes as they are; resolves with all that came until the end.
export function raw(port, text, host = "127.0.0.1") {
  return new Promise((done) => {
    let got = "";
    const socket = net.connect(port, host, () => socket.write(text));
    socket.on("data", (piece) => { got += piece.toString("latin1"); });
    socket.on("error", () => {});
    socket.on("close", () => done(got));
  });
}
