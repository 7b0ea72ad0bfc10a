// webd.test.mjs - the real program, asked by real clients.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { chmodSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import tls from "node:tls";
import { gunzipSync } from "node:zlib";
import { ask, BIG_BYTES, freePort, raw, turnSecret,
  webdStart } from "./support.mjs";

let w;
before(async () => { w = await webdStart(); });
after(async () => { await w.stop(); });

test("the page, its parts and their types come over HTTP and TLS", async () => {
  const ca = readFileSync(join(w.folder, "ca.pem"));
  for (const how of [{}, { tls: true, ca }]) {
    const page = await ask(w, "/?x=1", how);
    assert.equal(page.status, 200);
    assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
    assert.match(page.body.toString(), /the page/);
    assert.equal(page.headers["cache-control"], "no-cache");
    const core = await ask(w, "/core.wasm", how);
    assert.equal(core.headers["content-type"], "application/wasm");
    assert.equal(core.body.length, 4);
  }
  const empty = await ask(w, "/empty.txt");
  assert.equal(empty.status, 200);
  assert.equal(empty.body.length, 0);
});

test("every answer carries the strict headers, errors too", async () => {
  const ca = readFileSync(join(w.folder, "ca.pem"));
  for (const path of ["/", "/nothing", "/config.json", "/../x"]) {
    const { headers } = await ask(w, path, { tls: true, ca });
    const policy = headers["content-security-policy"];
    assert.match(policy, /^default-src 'self'; script-src 'self' 'wasm-unsafe-eval';/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.match(headers["permissions-policy"], /camera=\(self\), microphone=\(self\)/);
    assert.equal(headers["cross-origin-opener-policy"], "same-origin");
    assert.equal(headers["server"], undefined);
  }
});

test("TLS alone is asked for where TLS is, but never of localhost", async () => {
  const ca = readFileSync(join(w.folder, "ca.pem"));
  const name = "strict-transport-security";
  const host = { host: "box.test" };
  assert.equal((await ask(w, "/", { tls: true, ca, headers: host }))
    .headers[name], "max-age=31536000");
  assert.equal((await ask(w, "/", { tls: true, ca,
    headers: { host: `localhost:${w.port}` } })).headers[name], undefined);
  assert.equal((await ask(w, "/", { headers: host })).headers[name], undefined);
});

test("config.json tells the site, its CA and where the forwarder is", async () => {
  const { headers, body } = await ask(w, "/config.json");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["cache-control"], "no-store");
  assert.deepEqual(JSON.parse(body), { site: 'Haus "1"',
    signal: { port: 8444, loopbackPort: 8081 },
    trust: readFileSync(join(w.folder, "ca.pem"), "utf8"),
    video: "vp8", labels: [], ice: { servers: [], relayOnly: false } });
});

test("config.json has servers, and a password of TURN that lasts an hour", async () => {
  const other = await webdStart({ args: (folder) => [
    "--ice-server=stun:stun.test", "--ice-server=turn:turn.test?transport=tcp",
    "--ice-server=turns:[2001:db8::1]:443", "--relay-only", "--video=vp9",
    "--label=Intern", "--label-no-lines=Geheim",
    `--turn-secret=${folder}/turn-secret`] });
  try {
    const from = Math.floor(Date.now() / 1000);
    const { headers, body } = await ask(other, "/config.json");
    const { ice: { servers, relayOnly }, video, labels } = JSON.parse(body);
    assert.deepEqual(labels, [{ text: "Intern", lines: true },
      { text: "Geheim", lines: false }]);
    assert.equal(video, "vp9");
    assert.equal(relayOnly, true);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.deepEqual(servers.map((s) => s.urls), ["stun:stun.test:3478",
      "turn:turn.test:3478?transport=tcp",
      "turns:[2001:db8::1]:443?transport=tcp"]);
    assert.deepEqual(Object.keys(servers[0]), ["urls"]);
    const { username, credential } = servers[1];
    const [, expires] = username.match(/^(\d+):guest$/);
    assert.ok(expires - from >= 3600 && expires - from <= 3605, expires);
    // As coturn computes it.
    assert.equal(credential, createHmac("sha1", turnSecret).update(username)
      .digest("base64"));
    assert.equal(servers[2].credential, credential);
    assert.ok(!body.includes(turnSecret));
    const head = await ask(other, "/config.json", { method: "HEAD" });
    assert.equal(head.headers["content-length"], String(body.length));
    assert.ok(!other.log().includes(turnSecret) &&
      !other.log().includes(credential));
  } finally {
    assert.deepEqual(await other.stop(), { code: 0, signal: null });
  }
});

test("servers that do not fit are refused in plain words", () => {
  const refused = (...args) => {
    const { status, stderr } = spawnSync(process.env.KK_WEBD,
      [`--root=${w.root}`, "--listen-loopback=1", "--signal-loopback-port=1",
        ...args], { encoding: "utf8" });
    assert.ok(!stderr.includes(turnSecret));
    return `${status} ${stderr}`;
  };
  const secret = join(w.folder, "turn-secret");
  assert.match(refused("--ice-server=turn.test"), /^2 .*not stun:, turn: or turns:/);
  assert.match(refused("--ice-server=stuns:turn.test"),
    /^2 .*browsers do not speak this/);
  assert.match(refused("--ice-server=turn:turn.test"),
    /^1 .*a TURN server needs --turn-secret/);
  assert.match(refused("--relay-only"), /^1 .*--relay-only needs a TURN server/);
  assert.match(refused("--video=av1"), /^2 .*vp8, vp9 or vp9-l3t3\?/);
  assert.match(refused("--label=A", "--label-no-lines=A"), /^2 .*given twice/);
  assert.match(refused(`--label=${"x".repeat(65)}`), /^2 .*1 to 64 bytes/);
  chmodSync(secret, 0o644);
  assert.match(refused("--ice-server=turn:turn.test", `--turn-secret=${secret}`),
    /^1 .*make it mode 0600/);
  chmodSync(secret, 0o600);
});

test("files with a hash are kept, others asked for again", async () => {
  const kept = await ask(w, "/assets/main-K3VJ2QZA.js");
  assert.match(kept.headers["cache-control"], /immutable/);
  const first = await ask(w, "/");
  const again = await ask(w, "/", { headers: {
    "if-none-match": `W/"no", ${first.headers.etag}` } });
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);
  writeFileSync(join(w.root, "index.html"), "<title>the page, new</title>");
  const changed = await ask(w, "/", { headers: {
    "if-none-match": first.headers.etag } });
  assert.equal(changed.status, 200);
  assert.match(changed.body.toString(), /new/);
});

test("a compressed twin goes to who takes it", async () => {
  const path = "/assets/main-K3VJ2QZA.js";
  const plain = await ask(w, path);
  assert.equal(plain.headers["content-encoding"], undefined);
  const packed = await ask(w, path, { headers: {
    "accept-encoding": "br, gzip;q=0.5" } });
  assert.equal(packed.headers["content-encoding"], "gzip");
  assert.equal(packed.headers["content-type"], "text/javascript; charset=utf-8");
  assert.equal(packed.headers.vary, "accept-encoding");
  assert.deepEqual(gunzipSync(packed.body), plain.body);
  assert.notEqual(packed.headers.etag, plain.headers.etag);
  const refused = await ask(w, path, { headers: {
    "accept-encoding": "gzip;q=0" } });
  assert.deepEqual(refused.body, plain.body);
});

test("HEAD says what GET would, without the content", async () => {
  for (const path of ["/", "/big.bin", "/config.json", "/nothing"]) {
    const head = await ask(w, path, { method: "HEAD" });
    const get = await ask(w, path);
    assert.equal(head.status, get.status);
    assert.equal(head.headers["content-length"], String(get.body.length));
    assert.equal(head.body.length, 0);
  }
});

test("nothing beside the folder is read, by whatever path", async () => {
  const paths = ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
    "/assets/../../secret.txt", "/assets/%2e%2e/%2E%2E/secret.txt",
    "//../secret.txt", "/./../secret.txt", "/up/secret.txt", "/link.txt",
    "/alias.html", "/.hidden/key", "/%2ehidden/key", "/assets/..;/x",
    "/secret.txt%00.html", "/index.html%00", "/..\\secret.txt",
    "/%5c..%5csecret.txt", "/%c0%ae%c0%ae/secret.txt", "/pipe", "/assets",
    "/up", "/index.html/", "/index.html/x", "/" + "a/".repeat(200),
    "http://127.0.0.1/../secret.txt", "secret.txt", "*"];
  for (const path of paths) {
    const got = await raw(w.loopback,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(got, /SECRET|HTTP\/1.1 (200|30)/, path);
  }
  assert.equal((await ask(w, "/")).status, 200);
});

test("only GET and HEAD are taken, and no WebSocket", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const got = await raw(w.loopback, `${method} / HTTP/1.1\r\nHost: x\r\n` +
      "Content-Length: 4\r\nConnection: close\r\n\r\nabcd");
    assert.match(got, /^HTTP\/1.1 405 /, method);
    assert.match(got, /allow: GET, HEAD/i, method);
  }
  for (const method of ["BREW", "CONNECT", "TRACE"]) {
    const got = await raw(w.loopback, `${method} / HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.doesNotMatch(got, /HTTP\/1.1 200/, method);
  }
  const upgrade = await raw(w.loopback, "GET / HTTP/1.1\r\nHost: x\r\n" +
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  assert.doesNotMatch(upgrade, /101/);
  assert.equal((await ask(w, "/")).status, 200);
});

test("errors are told in the reader's language", async () => {
  const german = await ask(w, "/nothing", { headers: {
    "accept-language": "de-DE,de;q=0.9,en;q=0.5" } });
  assert.equal(german.status, 404);
  assert.equal(german.headers["content-language"], "de");
  assert.match(german.body.toString(), /Diese Seite gibt es nicht\./);
  const english = await ask(w, "/nothing", { headers: { "accept-language": "fr" } });
  assert.match(english.body.toString(), /This page does not exist\./);
});

test("a large file arrives whole at many readers at once", async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => ask(w, "/big.bin")));
  const want = Buffer.alloc(BIG_BYTES, "0123456789abcdef");
  for (const one of all) assert.ok(one.body.equals(want));
});

test("a file that is cut short ends the answer, not the server", async () => {
  const path = join(w.root, "cut.bin");
  writeFileSync(path, Buffer.alloc(64 * 1024 * 1024));
  const got = await new Promise((done) => {
    let bytes = 0;
    const socket = net.connect(w.loopback, "127.0.0.1", () =>
      socket.write("GET /cut.bin HTTP/1.1\r\nHost: x\r\n\r\n"));
    socket.once("data", () => truncateSync(path, 1000));
    socket.on("data", (piece) => { bytes += piece.length; });
    socket.on("error", () => {});
    socket.on("close", () => done(bytes));
  });
  assert.ok(got < 64 * 1024 * 1024);
  assert.equal((await ask(w, "/")).status, 200);
});

test("one connection serves one request after another", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set();
  for (const path of ["/core.wasm", "/nothing", "/big.bin", "/config.json", "/"]) {
    await new Promise((done, failed) => {
      const request = http.get({ host: "127.0.0.1", port: w.loopback, path,
        agent }, (answer) => answer.resume().on("end", done));
      request.on("socket", (socket) => sockets.add(socket));
      request.on("error", failed);
    });
  }
  assert.equal(sockets.size, 1);
  agent.destroy();
});

test("headers without end are refused", async () => {
  for (const text of ["GET /" + "a".repeat(20000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nCookie: " + "c".repeat(70000) + "\r\n\r\n",
    "GET / HTTP/1.1\r\n" + "Accept-Language: de\r\n".repeat(5000) + "\r\n",
    "\0".repeat(5000), "GET\r\n\r\n", "\r\n".repeat(3000)]) {
    const got = await raw(w.loopback, text);
    assert.doesNotMatch(got, /HTTP\/1.1 200/);
  }
  assert.equal((await ask(w, "/")).status, 200);
});

for (const kind of ["loopback", "port"]) {
  test(`one address cannot take all the connections (${kind})`, async () => {
    const idle = Array.from({ length: 600 }, () => net.connect({ port: w[kind],
      host: "127.0.0.1", localAddress: "127.0.0.2" }));
    const connected = idle.map((socket) => new Promise((done) =>
      socket.on("connect", () => {
        socket.write("GET / HTTP/1.1\r\nHost:");
        done();
      }).on("error", done)));
    const closed = idle.map((socket) => new Promise((done) =>
      socket.on("close", done)));
    await Promise.all(connected);
    assert.equal((await ask(w, "/")).status, 200);
    // Those beyond the limit at once, the others for not asking in time.
    await Promise.all(closed);
    assert.equal((await ask(w, "/")).status, 200);
  });
}

test("old TLS is refused, and plain words on the TLS port too", async () => {
  const version = (v) => new Promise((done) => {
    const socket = tls.connect({ port: w.port, host: "127.0.0.1",
      rejectUnauthorized: false, minVersion: v, maxVersion: v,
      ciphers: "DEFAULT@SECLEVEL=0" },
    () => { done(socket.getProtocol()); socket.destroy(); });
    socket.on("error", () => done(null));
  });
  assert.equal(await version("TLSv1.3"), "TLSv1.3");
  assert.equal(await version("TLSv1.2"), "TLSv1.2");
  assert.equal(await version("TLSv1.1"), null);
  const plain = await raw(w.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.doesNotMatch(plain, /200/);
});

test("without TLS it listens on loopback alone", async (t) => {
  const own = Object.values(networkInterfaces()).flat()
    .find((a) => !a.internal && a.family === "IPv4");
  if (!own) return t.skip("this machine has no other address");
  const reached = await new Promise((done) => {
    const socket = net.connect(w.loopback, own.address, () => done(true));
    socket.on("error", () => done(false));
  });
  assert.equal(reached, false);
});

test("wrong options are told, and end it with status 2", () => {
  const bad = [[], ["--root=/tmp"], ["--root=/tmp", "--listen=1"],
    ["--root=/tmp", "--listen=70000", "--cert=a", "--key=b", "--signal-port=1"],
    ["--root=/tmp", "--listen=x:y:", "--cert=a", "--key=b", "--signal-port=1"],
    ["--root=/tmp", "--listen-loopback=1"], ["--nonsense"], ["more"]];
  for (const args of bad) {
    const how = spawnSync(process.env.KK_WEBD, args);
    assert.equal(how.status, 2, args.join(" "));
    assert.notEqual(how.stderr.length, 0);
  }
  assert.match(spawnSync(process.env.KK_WEBD, ["--help"]).stdout.toString(),
    /usage: webd/);
});

test("a port or a file that cannot be used is told", async () => {
  const how = spawnSync(process.env.KK_WEBD, [`--root=${w.root}`,
    `--listen-loopback=${w.loopback}`, "--signal-loopback-port=1"]);
  assert.equal(how.status, 1);
  assert.match(how.stderr.toString(), /--listen-loopback .*is the port in use/);
  const untold = spawnSync(process.env.KK_WEBD, [`--root=${w.root}`,
    "--trust=/nowhere", `--listen-loopback=${await freePort()}`,
    "--signal-loopback-port=1"]);
  assert.equal(untold.status, 1);
  assert.match(untold.stderr.toString(), /--trust=\/nowhere cannot be read/);
  const none = spawnSync(process.env.KK_WEBD, ["--root=/nowhere",
    `--listen-loopback=${await freePort()}`, "--signal-loopback-port=1"]);
  assert.equal(none.status, 1);
  assert.match(none.stderr.toString(), /make web/);
});

test("SIGTERM ends it with status 0, also with readers at work", async () => {
  const other = await webdStart();
  const socket = net.connect(other.loopback, "127.0.0.1", () =>
    socket.write("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n"));
  socket.on("error", () => {});
  await new Promise((done) => socket.once("data", done));
  socket.pause();
  assert.deepEqual(await other.stop(), { code: 0, signal: null });
  socket.destroy();
});
