/*
 * mls-wasm.mjs - what groups cost in WebAssembly, with signatures by WebCrypto.
 *
 * usage: node tests/bench/mls-wasm.mjs [SUITE:MEMBERS...]
 *
 * The first member adds all others in one commit; the last one joins (the
 * median of several times), makes an empty commit, and the first processes it.
 * CPU time counts all threads, so also WebCrypto's.  "here" is without
 * WebCrypto, every signature in WebAssembly.
 */
import { issue, newCa } from "../web/ca.mjs";
import { newClient, text, web } from "../web/support.mjs";

const sizes = [2, 10, 50, 100];
const wanted = process.argv.slice(2).map((arg) => arg.split(":").map(Number));
const cases = wanted.length > 0 ? wanted :
    [2, 7].flatMap((suite) => sizes.map((members) => [suite, members]));

function newMember(core, suite, ca, name) {
	if (!ca)
		return newClient(core, name, suite);
	const signer = web.Signer.generate(core, web.schemeOf[suite]);
	const { der } = issue(ca.middle, name, Buffer.from(signer.publicKey));
	const client = new web.Client({ suite, signer,
		credential: { type: "x509", certs: [der, ca.middle.der] } });

	client.addTrust("ca", ca.root.der);
	return client;
}

async function measure(run) {
	const cpu = process.cpuUsage();
	const from = performance.now();
	const result = await run();
	const wallMs = performance.now() - from;
	const { user, system } = process.cpuUsage(cpu);

	return { result, wallMs, cpuMs: (user + system) / 1000 };
}

/* The one with the median of the wall times. */
async function median(rounds, run) {
	const all = [];

	for (let i = 0; i < rounds; i++)
		all.push(await measure(run));
	all.sort((a, b) => a.wallMs - b.wallMs);
	return all[Math.floor(rounds / 2)];
}

const number = (n) => n.toFixed(n < 10 ? 1 : 0).padStart(7);
const both = ({ cpuMs, wallMs }) => number(cpuMs) + number(wallMs);

async function runCase(suite, members, hasChains) {
	const core = await web.Core.load();
	const root = hasChains && newCa("Site CA", suite);
	const ca = hasChains && { root, middle: newCa("CA", suite, root) };
	const clients = Array.from({ length: members }, (_, i) =>
	    newMember(core, suite, ca, `member ${i}`));
	const packages = clients.slice(1).map((c) => c.newKeyPackage());
	const host = clients[0].newGroup(text("bench"));
	const made = host.commit({ adds: packages.map((kp) => kp.message) });
	const joiner = clients.at(-1);

	await made.staged.verify();
	host.apply(made.staged);
	/* Keys are imported anew each time, as in a page that was opened now. */
	const stage = () => {
		core.keys.clear();
		return joiner.join(packages.at(-1), made.welcome);
	};
	const parse = await median(3, async () => stage().free());
	const here = await median(1, async () => {
		const staged = stage();

		staged.verifyHere();
		staged.free();
	});
	const join = await median(3, async () => {
		const staged = stage();

		await staged.verify();
		return staged.takeGroup();
	});
	const commit = await measure(async () => {
		const empty = join.result.commit();

		await empty.staged.verify();
		return empty;
	});
	const process = await measure(async () => {
		const { staged } = host.process(commit.result.commit);

		await staged.verify();
		host.apply(staged);
	});

	console.log(`${suite}`.padStart(5), `${members}`.padStart(7),
	    hasChains ? " x509 " : " basic", both(join), number(parse.wallMs),
	    number(here.wallMs), both(commit), both(process),
	    `${made.welcome.length}`.padStart(9),
	    `${commit.result.commit.length}`.padStart(8),
	    `${(core.memoryBytes / 2 ** 20).toFixed(1)}`.padStart(7));
	core.close();
}

console.log(`                       join          of it          empty commit` +
    `   process          welcome   commit  memory
suite members cred      CPU   wall  parse   here    CPU   wall    CPU   wall` +
    `     bytes    bytes     MiB`);
for (const [suite, members] of cases)
	for (const hasChains of [false, true])
		await runCase(suite, members, hasChains);
