/* core.test.mjs - the key core's interface for JavaScript. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Op, Writer, accept, assertAgree, derToRaw, follow, join, newClient,
	newMeeting, refuses, rejects, stateKey, text, untext, web }
	from "./support.mjs";

const core = await web.Core.load();

for (const suite of [2, 7]) {
	test(`two groups live side by side, suite ${suite}`, async () => {
		const [a, b, c] = ["a", "b", "c"].map((name) =>
		    newClient(core, name, suite));
		const first = await newMeeting([a, b, c], "first");
		const second = await newMeeting([c, a], "second");
		const message = first[2].protect(text("hello"), text("aad"));
		const got = first[0].process(message);

		assertAgree(first);
		assertAgree(second);
		assert.notDeepEqual(first[0].authenticator(),
		    second[0].authenticator());
		assert.equal(got.type, "application");
		assert.equal(got.sender.index, 2);
		assert.equal(untext(got.data), "hello");
		assert.equal(untext(got.authenticatedData), "aad");
		refuses("KK_EREPLAY", () => first[0].process(message));
		refuses("KK_EGROUP", () => second[1].process(message));
		assert.equal(untext(first[1].process(message).data), "hello");
		assert.equal(untext(first[1].member(0).credential.identity),
		    "a");
		for (const thing of [...first, ...second, a, b, c])
			thing.free();
	});

	test(`a group goes through its life, suite ${suite}`, async () => {
		const clients = ["a", "b", "c"].map((name) =>
		    newClient(core, name, suite));
		const [a, b, c] = await newMeeting(clients);

		for (const client of clients)
			client.setPsk(text("psk"), text("secret"));
		const update = b.proposeUpdate("public");
		for (const group of [a, c])
			assert.equal(group.process(update).type, "proposal");
		const first = a.commit({ psks: [{ type: "external",
			id: text("psk") }] });
		const types = first.staged.changes().map((x) => x.type);
		assert.deepEqual(types.sort(), [web.ProposalType.Update,
			web.ProposalType.Psk]);
		await follow(b, first.commit);
		await follow(c, first.commit);
		await accept(a, first);
		assertAgree([a, b, c]);

		const removal = a.commit({ removes: [2], wire: "public" });
		const event = c.process(removal.commit);
		assert.ok(event.staged.state().removesUs);
		await event.staged.verify();
		c.apply(event.staged);
		assert.ok(!c.state().isActive);
		await follow(b, removal.commit);
		await accept(a, removal);
		assertAgree([a, b]);
		refuses("KK_ESTATE", () => c.process(a.protect(text("x"))));

		const outside = newClient(core, "d", suite);
		const joined = outside.joinExternal(
		    a.info({ externalPub: true, tree: true }));
		await joined.staged.verify();
		await follow(a, joined.commit);
		await follow(b, joined.commit);
		const d = joined.staged.takeGroup();
		assertAgree([a, b, d]);
		for (const thing of [a, b, c, d, outside, ...clients])
			thing.free();
	});
}

test("bad input has a name and changes nothing", async () => {
	const clients = ["a", "b"].map((name) => newClient(core, name));
	const [a, b] = await newMeeting(clients);
	const before = a.authenticator();
	const good = b.commit();
	const lastByte = (bytes) => {
		const copy = bytes.slice();

		copy[copy.length - 1] ^= 1;
		return copy;
	};

	refuses("KK_ETRUNC", () => a.process(new Uint8Array(0)));
	refuses("KK_EUNSUP", () => a.process(new Uint8Array(40)));
	refuses("KK_EAUTH", () => a.process(lastByte(good.commit)));
	for (let bytes = 0; bytes < good.commit.length; bytes += 7)
		assert.throws(() => a.process(good.commit.subarray(0, bytes)),
		    web.CoreError);
	assert.throws(() => a.commit({ adds: [text("no key package")] }),
	    web.CoreError);
	assert.throws(() => a.commit({ removes: [9] }), web.CoreError);
	refuses("KK_ENOENT", () => a.commit({ psks: [{ type: "external",
		id: text("unknown") }] }));
	refuses("KK_ENOENT", () => a.member(77));
	refuses("KK_EINVAL", () => a.export("x", text(""), 0));
	refuses("KK_EINVAL", () => a.export("a\0b", text(""), 16));
	refuses("KK_EINVAL", () => a.save(new Uint8Array(31)));
	assert.deepEqual(a.authenticator(), before);
	await follow(a, good.commit);
	await accept(b, good);
	assertAgree([a, b]);
	for (const thing of [a, b, ...clients])
		thing.free();
});

test("calls that are not well formed are refused", () => {
	const call = (op, w = new Writer()) => () => core.call(op, w);
	const signer = web.Signer.generate(core, web.Scheme.EcdsaP256);

	refuses("KK_EINVAL", call(9999));
	refuses("KK_ENOENT", call(Op.group_state, new Writer().u32(0)));
	refuses("KK_ENOENT", call(Op.group_state,
	    new Writer().u32(0xffffffff)));
	/* a handle of another kind */
	refuses("KK_ENOENT", call(Op.group_state,
	    new Writer().u32(signer.handle)));
	refuses("KK_ETRUNC", call(Op.signer_new));
	refuses("KK_ETRAIL", call(Op.signer_new,
	    new Writer().u16(0x0403).u8(0)));
	refuses("KK_EUNSUP", call(Op.signer_new, new Writer().u16(0x0807)));
	refuses("KK_ELIMIT", call(Op.signer_new,
	    new Writer().raw(new Uint8Array(17 << 20))));
	signer.free();
});

test("what is freed stays freed", async () => {
	const clients = ["a", "b"].map((name) => newClient(core, name));
	const [a, b] = await newMeeting(clients);
	const handle = b.handle;

	b.free();
	assert.ok(b.isFreed);
	refuses("KK_ENOENT", () => b.free());
	refuses("KK_ENOENT", () => b.state());
	/* A new thing takes the place, under another number. */
	const other = clients[1].newGroup(text("other"));
	assert.notEqual(other.handle, handle);
	refuses("KK_ENOENT", () => core.call(Op.group_state,
	    new Writer().u32(handle)));
	/* Groups outlive their client and its signer. */
	for (const client of clients)
		client.free();
	const made = a.commit();
	await accept(a, made);
	assert.equal(made.staged.isFreed, true);
	refuses("KK_ENOENT", () => a.apply(made.staged));
	a.free();
	other.free();
});

test("handles are bounded, and what nobody holds is collected", async () => {
	const own = await web.Core.load();
	const free = web.Signer.generate(own, web.Scheme.EcdsaP256);
	const fill = () => {
		for (;;)
			web.Signer.generate(own, web.Scheme.EcdsaP256);
	};

	refuses("KK_ELIMIT", fill);
	free.free();
	web.Signer.generate(own, web.Scheme.EcdsaP256);
	let made;
	for (let turn = 0; turn < 1000 && !made; turn++) {
		globalThis.gc();
		await new Promise((done) => setImmediate(done));
		try {
			made = web.Signer.generate(own, web.Scheme.EcdsaP256);
		} catch (error) {
			assert.equal(error.name, "KK_ELIMIT");
		}
	}
	assert.ok(made);
	own.close();
	refuses("KK_ESTATE", () => made.save(stateKey));
});

test("nothing of an epoch is usable before it is verified", async () => {
	const clients = ["a", "b", "c"].map((name) => newClient(core, name));
	const [a, b] = await newMeeting(clients.slice(0, 2));
	const kp = clients[2].newKeyPackage();
	const made = a.commit({ adds: [kp.message] });
	const event = b.process(made.commit);
	const staged = clients[2].join(kp, made.welcome);

	refuses("KK_ESTATE", () => b.apply(event.staged));
	refuses("KK_ESTATE", () => staged.takeGroup());
	assert.equal(b.state().epoch, 1n);
	await event.staged.verify();
	b.apply(event.staged);
	await staged.verify();
	await accept(a, made);
	const c = staged.takeGroup();
	assertAgree([a, b, c]);
	for (const thing of [a, b, c, kp, ...clients])
		thing.free();
});

test("a forged signature is refused, whoever verifies", async () => {
	const clients = ["a", "b", "c"].map((name) => newClient(core, name));
	const [a, b] = await newMeeting(clients.slice(0, 2));
	const kp = clients[2].newKeyPackage();
	const forged = kp.message.slice();
	const subtle = globalThis.crypto.subtle;

	/* The last byte belongs to the key package's signature. */
	forged[forged.length - 1] ^= 1;
	for (const by of [subtle, undefined]) {
		const { staged } = a.commit({ adds: [forged] });

		await rejects("KK_EVERIFY", staged.verify(by));
		refuses("KK_EVERIFY", () => a.apply(staged));
		/* A verdict is final. */
		await rejects("KK_EVERIFY", staged.verify(subtle));
		staged.free();
	}
	/* One verdict of WebCrypto turned to false is enough. */
	let turns = 0;
	const liar = {
		importKey: (...args) => subtle.importKey(...args),
		verify: async (...args) => turns++ !== 1 &&
		    await subtle.verify(...args),
	};
	const good = a.commit({ adds: [kp.message] });
	const event = b.process(good.commit);
	await rejects("KK_EVERIFY", event.staged.verify(liar));
	assert.ok(turns > 1);
	refuses("KK_EVERIFY", () => b.apply(event.staged));
	event.staged.free();
	await follow(b, good.commit);
	await accept(a, good);
	assertAgree([a, b]);
	for (const thing of [a, b, kp, ...clients])
		thing.free();
});

test("without WebCrypto, or where it fails, the core verifies", async () => {
	const clients = ["a", "b"].map((name) => newClient(core, name));
	const broken = {
		importKey: async () => { throw new Error("no"); },
		verify: async () => { throw new Error("no"); },
	};
	const a = clients[0].newGroup(text("g"));
	const kp = clients[1].newKeyPackage();
	const made = a.commit({ adds: [kp.message] });
	const staged = clients[1].join(kp, made.welcome);

	await made.staged.verify(broken);
	a.apply(made.staged);
	staged.verifyHere();
	const b = staged.takeGroup();
	assertAgree([a, b]);
	for (const thing of [a, b, kp, ...clients])
		thing.free();
});

test("signatures are turned from DER to raw, or not at all", () => {
	const der = (...bytes) => Uint8Array.from(bytes);
	const raw = (r, s) => {
		const out = new Uint8Array(64);

		out[31] = r;
		out[63] = s;
		return out;
	};

	assert.deepEqual(derToRaw(der(0x30, 6, 2, 1, 5, 2, 1, 9), 32),
	    raw(5, 9));
	assert.deepEqual(derToRaw(der(0x30, 7, 2, 2, 0, 0x85, 2, 1, 9), 32),
	    raw(0x85, 9));
	for (const bad of [
		[], [0x30], [0x30, 6, 2, 1, 5, 2, 1], [0x31, 6, 2, 1, 5, 2, 1, 9],
		[0x30, 6, 2, 1, 5, 2, 1, 9, 0], [0x30, 6, 2, 1, 0x85, 2, 1, 9],
		[0x30, 7, 2, 2, 0, 5, 2, 1, 9], [0x30, 5, 2, 0, 2, 1, 9],
		[0x30, 0x81, 6, 2, 1, 5, 2, 1, 9], [0x30, 3, 2, 1, 5],
		[0x30, 3 + 35, 2, 33, ...new Array(33).fill(1), 2, 1, 9],
	])
		assert.equal(derToRaw(der(...bad), 32), null, String(bad));
});

test("everything is saved sealed and restored", async () => {
	const signer = web.Signer.generate(core, web.Scheme.EcdsaP256);
	const identity = { type: "basic", identity: text("b") };
	const config = { suite: 2, acceptsBasic: true, credential: identity };
	const a = newClient(core, "a");
	const b = new web.Client({ ...config, signer });
	const kp = b.newKeyPackage();
	const saved = { signer: signer.save(stateKey), kp: kp.save(stateKey) };

	for (const thing of [kp, b, signer])
		thing.free();
	const signer2 = web.Signer.restore(core, stateKey, saved.signer);
	assert.deepEqual(signer2.publicKey, signer.publicKey);
	const b2 = new web.Client({ ...config, signer: signer2 });
	const kp2 = b2.restoreKeyPackage(stateKey, saved.kp);
	assert.deepEqual(kp2.message, kp.message);

	const ga = a.newGroup(text("g"));
	const made = ga.commit({ adds: [kp2.message] });
	await accept(ga, made);
	let gb = await join(b2, kp2, made.welcome);
	const pending = gb.commit();
	const state = gb.save(stateKey);
	const staged = pending.staged.save(stateKey);
	gb.free();
	pending.staged.free();
	gb = b2.restoreGroup(stateKey, state);
	assertAgree([ga, gb]);
	await follow(ga, pending.commit);
	const again = gb.restoreStaged(stateKey, staged);
	assert.ok(again.isOwn(pending.commit));
	await again.verify();
	gb.apply(again);
	assertAgree([ga, gb]);
	assert.equal(untext(gb.process(ga.protect(text("on"))).data), "on");

	const other = new Uint8Array(32);
	refuses("KK_EAUTH", () => b2.restoreGroup(other, state));
	refuses("KK_EAUTH", () => b2.restoreKeyPackage(other, saved.kp));
	refuses("KK_EAUTH", () => web.Signer.restore(core, other,
	    saved.signer));
	for (const [bytes, restore] of [
		[state, (x) => b2.restoreGroup(stateKey, x)],
		[saved.signer, (x) => web.Signer.restore(core, stateKey, x)],
	]) {
		const changed = bytes.slice();

		changed[changed.length - 1] ^= 1;
		refuses("KK_EAUTH", () => restore(changed));
		assert.throws(() => restore(bytes.subarray(0, 9)),
		    web.CoreError);
	}
	for (const thing of [ga, gb, kp2, a, b2, signer2])
		thing.free();
});

test("1000 messages and 50 commits need no more memory", async () => {
	const own = await web.Core.load();
	const clients = ["a", "b"].map((name) => newClient(own, name));
	const [a, b] = await newMeeting(clients);
	const round = async (messages) => {
		const made = a.commit();

		await follow(b, made.commit);
		await accept(a, made);
		for (let i = 0; i < messages; i++)
			b.process(a.protect(new Uint8Array(1000).fill(i)));
	};

	for (let i = 0; i < 5; i++)
		await round(20);
	const before = own.memoryBytes;
	for (let i = 0; i < 50; i++)
		await round(20);
	assertAgree([a, b]);
	assert.equal(own.memoryBytes, before);
	own.close();
});

test("there is no core without a source of random bytes", async () => {
	const crypto = Object.getOwnPropertyDescriptor(globalThis, "crypto");

	Object.defineProperty(globalThis, "crypto", { value: undefined,
		configurable: true });
	try {
		await assert.rejects(web.Core.load(), /getRandomValues/);
	} finally {
		Object.defineProperty(globalThis, "crypto", crypto);
	}
});

test("the module makes no code from text", () => {
	const folder = process.env.KK_WASM ?? "build/wasm";
	const script = readFileSync(`${folder}/konklave-core.mjs`, "utf8");

	assert.doesNotMatch(script, /\beval\b|new Function\b/);
});
