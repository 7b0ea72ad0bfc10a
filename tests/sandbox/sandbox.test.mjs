// sandbox.test.mjs - the supervisor, with the real keyd and fakes of the others.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync,
  writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { events, fakesMake, freePorts, isAlive, remove, sandbox, sandboxStart,
  until } from "./support.mjs";

let folder, state, port, runs;
beforeEach(async () => {
  folder = fakesMake(["keyd"]);
  state = mkdtempSync(join(tmpdir(), "kk-state-"));
  port = await freePorts(5);
  runs = [];
});
afterEach(async () => {
  for (const run of runs) {
    if (!run.hasEnded) run.child.kill("SIGKILL");
    await run.ended;
  }
  remove(folder, state);
});

function start(more = {}) {
  const run = sandboxStart({ folder, state, port, ...more });
  runs.push(run);
  return run;
}

const put = (name) => writeFileSync(join(folder, name), "");
const file = (name) => readFileSync(join(state, name), "utf8");

test("it tells a line of each process, one link and a QR code", async () => {
  const run = start({ env: { KK_LANG: "en_GB.UTF-8" } });
  await run.running();
  const link = `http://localhost:${port}/#1.AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBB`;
  assert.equal(run.status().link, link);
  for (const name of ["sfud", "keyd", "roomd", "mediad", "webd"])
    assert.match(run.output, new RegExp(`^  ${name} +\\w`, "m"));
  assert.equal(run.output.split(link).length, 2);
  const other = run.output.match(/^ {2}(https:\/\/[0-9.]+:(\d+)\/#1\.\S+)$/m);
  assert.equal(Number(other[2]), port + 1);
  const code = execFileSync("qrencode", ["-t", "UTF8", "-8", "-l", "L", "-m",
    "2", other[1]]).toString().trimEnd().split("\n");
  assert.ok(run.output.includes(code.map((line) => `  ${line}`).join("\n")));
  assert.match(run.output, /new every second: .*box1\/room\.png/);
  assert.deepEqual(await run.stop(), { code: 0, signal: null });
  assert.match(run.output, /Ended\./);
});

test("it speaks German where the user does", async () => {
  const run = start({ env: { KK_LANG: "de_AT.UTF-8" } });
  await run.running();
  assert.match(run.output, /Öffnen Sie diesen Link/);
  await run.stop();
  assert.match(run.output, /Beendet\./);
});

test("what needs another waits until that is ready", async () => {
  put("sfud.hold");
  const run = start({ args: ["--boxes=2"] });
  await run.until("keyd is certified", () => run.of("keyd2")?.isReady &&
    run.of("keyd1").isReady && readdirSync(join(state, "box2"))
    .includes("chain.pem"));
  assert.deepEqual(events(folder).filter((e) => e.includes("roomd")), []);
  put("roomd.hold");
  rmSync(join(folder, "sfud.hold"));
  await run.until("roomd starts", () => events(folder).includes("start roomd"));
  assert.ok(!events(folder).includes("start mediad"));
  rmSync(join(folder, "roomd.hold"));
  await run.running();
  const seen = events(folder);
  assert.ok(seen.indexOf("ready sfud") < seen.indexOf("start roomd"));
  assert.ok(seen.indexOf("ready roomd") < seen.indexOf("start mediad"));
  // The second room comes by the first one's link.
  assert.match(file("log/roomd2.log"), /--link=https:\/\/\S+:\d+\/#1\.A/);
  assert.doesNotMatch(file("log/roomd1.log"), /--link=/);
  await run.stop();
});

test("each room has folders, sockets and a name of its own", async () => {
  const run = start({ args: ["--boxes=2", "--name=Süd {box}",
    "--give=mediad:--loudspeaker={state}/heard{box}.wav"] });
  await run.running();
  const [one, two] = run.status().boxes;
  assert.notEqual(one.folder, two.folder);
  assert.notEqual(one.keyd, two.keyd);
  const log = file("log/mediad2.log");
  assert.match(log, /--name=Süd \{box\} 2/);
  assert.ok(log.includes(`--loudspeaker=${two.folder}/heard2.wav`));
  assert.ok(log.includes(`--picture=${two.picture}`));
  await run.stop();
});

test("telephone lines are a member of their own, and people are told how to call",
  async () => {
    const first = await freePorts(14);
    const run = start({ port: first, args: ["--lines=2", "--name=Room"],
      env: { KK_LANG: "en_GB.UTF-8" } });
    await run.running();
    const { lines, boxes, programs } = run.status();
    assert.deepEqual(programs.map((p) => p.label).sort(), ["keyd", "keyd-lines",
      "lined", "mediad", "mixd", "roomd", "roomd-lines", "sfud", "webd"]);
    assert.equal(boxes.length, 1);
    assert.equal(lines.lines, 2);
    assert.equal(lines.sip, first + 5);
    assert.match(run.output, new RegExp(`sip:konklave@[0-9.]+:${lines.sip}`));
    assert.match(run.output,
      new RegExp(`enter number ${lines.number} and PIN ${lines.pin},`));
    assert.match(`${lines.number} ${lines.pin}`, /^[1-9]\d{5} [1-9]\d{5}$/);

    // Its roomd follows the box's, by a socket; it has no token of the site.
    const roomd = file("log/roomd-lines.log");
    assert.ok(roomd.includes(`--follow=${boxes[0].face}`));
    assert.doesNotMatch(roomd, /--site-token|--link/);
    assert.equal(statSync(join(state, "lines/dial-in")).mode & 0o777, 0o600);
    for (const name of ["lined", "mixd"])
      assert.ok(!file(`log/${name}.log`).includes(lines.pin));
    const seen = events(folder);
    assert.ok(seen.indexOf("ready mixd") < seen.indexOf("start lined"));
    const name = execFileSync("openssl", ["x509", "-in",
      join(state, "lines/chain.pem"), "-noout", "-subject"]).toString();
    assert.match(name, /CN *= *Lines of Room$/m);

    await run.stop();
    const ends = events(folder).filter((e) => e.startsWith("end "));
    assert.deepEqual(ends.slice(0, 3), ["end lined", "end mixd", "end mediad"]);
    // The same the next time.
    const again = start({ port: first, args: ["--lines=2"] });
    await again.running();
    assert.equal(again.status().lines.number, lines.number);
    assert.equal(again.status().lines.pin, lines.pin);
    await again.stop();
  });

test("servers are for rooms and browsers, those over TLS for browsers", async () => {
  const run = start({ args: ["--ice-server=stun:s", "--ice-server=turns:t",
    "--turn-secret=/x/secret", "--relay-only", "--video=vp9"] });
  await run.running();
  const both = ["--ice-server=stun:s", "--turn-secret=/x/secret", "--relay-only"];
  for (const arg of both)
    assert.ok(file("log/roomd.log").includes(arg) &&
      file("log/webd.log").includes(arg), arg);
  assert.ok(file("log/webd.log").includes("--ice-server=turns:t"));
  assert.ok(!file("log/roomd.log").includes("turns:t"));
  assert.ok(file("log/webd.log").includes("--video=vp9"));
  assert.doesNotMatch(file("log/mediad.log"), /--ice-server|--turn|--relay/);
  await run.stop();
});

test("certificates are good, private, and the same the next time", async () => {
  const site = join(state, "site");
  const subject = () => execFileSync("openssl", ["x509", "-in",
    join(state, "box1/chain.pem"), "-noout", "-subject", "-nameopt",
    "utf8,sep_comma_plus", "-serial"]).toString();
  let run = start({ args: ["--name=Raum „Süd“ / 1"] });
  await run.running();
  await run.stop();
  for (const name of ["site/tls.pem", "box1/chain.pem"])
    execFileSync("openssl", ["verify", "-CAfile", join(site, "ca.pem"),
      join(state, name)]);
  const first = subject();
  for (const name of ["site/ca/ca.key", "site/ca.pass", "site/tls.key", "site/token",
    "box1/wrap-key"])
    assert.equal(statSync(join(state, name)).mode & 0o077, 0, name);
  const hash = execFileSync("openssl", ["dgst", "-sha256", "-binary",
    join(site, "token")]);
  assert.ok(hash.equals(readFileSync(join(site, "token.hash"))));
  assert.doesNotMatch(file("log/keyd.log"), /suite=7/);
  const starts = (file("log/keyd.log").match(/ready meetings/g) ?? []).length;
  assert.equal(starts, 2); // once to tell its key, once with the chain
  run = start({ args: ["--name=Raum „Süd“ / 1"] });
  await run.running();
  await run.stop();
  assert.equal(subject(), first);
  assert.equal((file("log/keyd.log").match(/ready meetings/g) ?? []).length, 1);
});

test("who dies is started again, and nobody else is", async () => {
  const run = start();
  await run.running();
  for (const name of ["sfud", "keyd", "roomd", "mediad", "webd"]) {
    const before = run.status().programs;
    process.kill(run.of(name).pid, "SIGKILL");
    await run.until(`${name} is back`, () => run.of(name).restarts === 1 &&
      run.of(name).isReady);
    for (const other of before.filter((p) => p.label !== name))
      assert.equal(run.of(other.label).pid, other.pid);
    assert.notEqual(run.of(name).pid, before.find((p) => p.label === name).pid);
  }
  await run.stop();
});

test("SIGTERM ends all in order, and nothing is left", async () => {
  const run = start();
  await run.running();
  const { programs, run: sockets } = run.status();
  const orphan = Number(readFileSync(join(folder, "orphan"), "utf8"));
  assert.ok(isAlive(orphan));
  assert.deepEqual(await run.stop(), { code: 0, signal: null });
  for (const { pid } of programs) assert.ok(!isAlive(pid));
  await until("the orphan is gone", () => !isAlive(orphan));
  assert.deepEqual(events(folder).filter((e) => e.startsWith("end")),
    ["end mediad", "end roomd", "end webd", "end sfud"]);
  assert.ok(!readdirSync(tmpdir()).some((name) => sockets.endsWith(name)));
  const status = spawnSync(sandbox, ["status", `--state=${state}`]);
  assert.deepEqual(JSON.parse(status.stdout), { phase: "ended" });
});

test("who does not end is killed, and the rest ends in order", async () => {
  const run = start();
  await run.running();
  process.kill(run.of("roomd").pid, "SIGSTOP");
  run.child.kill("SIGINT");
  assert.deepEqual(await run.ended, { code: 0, signal: null });
});

test("when the supervisor is killed its children die with it", async () => {
  const run = start();
  await run.running();
  const { programs, run: sockets } = run.status();
  run.child.kill("SIGKILL");
  await run.ended;
  for (const { pid } of programs)
    await until("it is gone", () => !isAlive(pid));
  remove(sockets);
  const again = start();
  await again.running();
  await again.stop();
});

test("a port in use is named, and what to do about it", async () => {
  const server = net.createServer();
  await new Promise((done) => server.listen(port + 2, done));
  const run = start({ env: { KK_LANG: "en" } });
  assert.deepEqual(await run.ended, { code: 1, signal: null });
  assert.match(run.output, new RegExp(`Port ${port + 2} \\(TCP\\) is in use`));
  assert.match(run.output, /make run PORT=\d+/);
  await new Promise((done) => server.close(done));
});

test("one folder serves one sandbox at a time", async () => {
  const run = start();
  await run.running();
  const other = start({ port: await freePorts(5), env: { KK_LANG: "en" } });
  assert.deepEqual(await other.ended, { code: 1, signal: null });
  assert.match(other.output, /runs already with the folder/);
  assert.equal(run.status().phase, "running");
  const status = spawnSync(sandbox, ["status", `--state=${state}`]);
  assert.equal(JSON.parse(status.stdout).pid, run.child.pid);
  await run.stop();
});

test("a program that cannot start ends it with a word on where to look", async () => {
  put("sfud.fail");
  const run = start({ env: { KK_LANG: "en" } });
  assert.deepEqual(await run.ended, { code: 1, signal: null });
  assert.match(run.output, /sfud +it does not work/);
  assert.ok(run.output.includes(`sfud does not start. What it said: ${state}/log/sfud.log`));
});

test("wrong options are told, and end it with status 2", () => {
  for (const args of [[], ["run"], ["walk", "--state=/tmp/x"],
    ["run", "--state=relative"], ["run", "--state=/tmp/x", "--port=0"],
    ["run", "--state=/tmp/x", "--port=65535"],
    ["run", "--state=/tmp/x", "--boxes=11"],
    ["run", "--state=/tmp/x", "--give=nobody:x"], ["--nonsense"]]) {
    const how = spawnSync(sandbox, args);
    assert.equal(how.status, 2, args.join(" "));
    assert.notEqual(how.stderr.length, 0);
  }
});
