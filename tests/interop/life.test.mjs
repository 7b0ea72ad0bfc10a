/*
 * life.test.mjs - random group life with ts-mls and our core, native and
 * WebAssembly, as members of the same group.
 *
 * Choices follow from a seed, which is printed; keys do not.  After each step
 * all members must have the same epoch, epoch authenticator and exporter.
 *
 * KK_SEED=N KK_STEPS=N make another run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { text, web } from "../web/support.mjs";
import { nativeCore } from "./native.mjs";
import { OurMember } from "./ours.mjs";
import { TheirMember, hasDifferingUnmerged } from "./theirs.mjs";

const membersMax = 9;
const seed = Number(process.env.KK_SEED ?? 1);
const steps = Number(process.env.KK_STEPS ?? 75);
const unmergedRefusal =
    "non-blank intermediate node must list leaf node in its unmerged_leaves";

/* mulberry32: small, and the same everywhere */
function newRandom(state) {
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let x = Math.imul(state ^ state >>> 15, 1 | state);

		x = x + Math.imul(x ^ x >>> 7, 61 | x) ^ x;
		return Math.floor(((x ^ x >>> 14) >>> 0) / 2 ** 32 * below);
	};
}

class Life {
	members = [];
	absent = []; /* leaves of those that ts-mls did not let join */
	counts = {};
	log = []; /* of the last steps, for who has to repeat them */
	names = 0;

	constructor(random, suite, cores) {
		this.random = random;
		this.suite = suite;
		this.cores = cores;
	}

	pick(list) {
		return list[this.random(list.length)];
	}

	count(what) {
		this.counts[what] = (this.counts[what] ?? 0) + 1;
	}

	wire() {
		return this.pick(["private", "public"]);
	}

	newMember() {
		const name = `member ${++this.names}`;
		const kind = this.pick(["native", "wasm", "ts-mls", "ts-mls"]);
		const member = kind === "ts-mls" ?
		    new TheirMember(name, this.suite) :
		    new OurMember(this.cores[kind], name, this.suite, kind);

		member.setPsk(text("psk"), text("a secret of the application"));
		return member;
	}

	/* Who is where. */
	map() {
		return this.members.map((m) => `${m.leaf()}:${m.kind}`).sort()
		    .join(" ");
	}

	/* Everybody else takes a proposal in. */
	async deliver(message, from) {
		for (const member of this.members)
			if (member !== from)
				await member.process(message);
	}

	/* Everybody enters the epoch of a commit; the removed ones leave. */
	async advance(made, from) {
		await this.deliver(made.commit, from);
		await made.accept();
		for (const member of this.members.filter((m) => !m.isActive()))
			member.free();
		this.members = this.members.filter((m) =>
		    m.kind === "ts-mls" ? m.state : !m.client.isFreed);
	}

	async welcome(guests, made, treeApart, host) {
		const tree = treeApart ? await host.tree() : undefined;

		for (const guest of guests) {
			if (await this.letIn(guest, made.welcome, tree, host))
				this.members.push(guest);
		}
	}

	/* Tolerates the one known bug of ts-mls, where the tree provokes it. */
	async letIn(guest, welcome, tree, host) {
		try {
			await guest.join(welcome, tree);
			return true;
		} catch (error) {
			if (guest.kind !== "ts-mls" ||
			    error.message !== unmergedRefusal)
				throw error;
			assert.ok(hasDifferingUnmerged(await host.tree()));
			this.count("refused by ts-mls: unmerged leaves");
			this.absent.push(guest.name);
			return false;
		}
	}

	/* Where those are whom ts-mls did not let join. */
	absentLeaves() {
		const ours = this.members.find((m) => m.kind !== "ts-mls");
		const leaves = [];

		for (let i = 0; ours && i < ours.group.state().leafEnd; i++) {
			try {
				const { credential } = ours.group.member(i);
				const name = new TextDecoder().decode(
				    credential.identity);

				if (this.absent.includes(name))
					leaves.push(i);
			} catch (error) {
				assert.equal(error.name, "KK_ENOENT");
			}
		}
		return leaves;
	}

	async agree() {
		const want = await this.members[0].secrets();

		for (const member of this.members)
			assert.deepEqual(await member.secrets(), want,
			    `${member.kind} and ${this.members[0].kind}`);
	}

	async stepAdd() {
		const host = this.pick(this.members);
		const guests = Array.from({ length: 1 + this.random(2) },
		    () => this.newMember());
		const treeApart = this.random(2) === 1;
		const adds = [];

		for (const guest of guests)
			adds.push(await guest.keyPackage());
		const made = await host.commit({ adds, wire: this.wire(),
			treeApart, omitPath: this.random(2) === 1 });
		await this.advance(made, host);
		await this.welcome(guests, made, treeApart, host);
	}

	async stepRemove() {
		const host = this.pick(this.members);
		const gone = this.pick(this.members.filter((m) => m !== host));
		const made = await host.commit({ removes: [gone.leaf()],
			wire: this.wire() });

		await this.advance(made, host);
	}

	async stepEmpty() {
		const host = this.pick(this.members);

		await this.advance(await host.commit({ wire: this.wire() }),
		    host);
	}

	async stepPsk() {
		const host = this.pick(this.members);

		await this.advance(await host.commit({ wire: this.wire(),
			pskIds: [text("psk")] }), host);
	}

	/* Proposals of several members, and a commit of one who made none. */
	async stepProposals() {
		const host = this.pick(this.members);
		const others = this.members.filter((m) => m !== host);
		const guests = [];
		const removed = [];

		for (const member of this.members)
			member.updates = false;
		for (const from of others.slice(0, 1 + this.random(3)))
			await this.proposeSomething(from, host, guests, removed);
		const made = await host.commit({ wire: this.wire() });
		await this.advance(made, host);
		await this.welcome(guests, made, made.treeApart, host);
	}

	async proposeSomething(from, host, guests, removed) {
		/* ts-mls overlooks its removal where its leaf is used again. */
		const mayRemove = this.members.filter((m) => m !== host &&
		    !removed.includes(m) && !m.updates && m !== from &&
		    (m.kind !== "ts-mls" || guests.length === 0));
		const types = ["psk"];
		let what;

		if (!removed.some((m) => m.kind === "ts-mls"))
			types.push("add");
		if (from.kind !== "ts-mls" && !removed.includes(from))
			types.push("update", "update");
		if (mayRemove.length > 0 && this.members.length > 3)
			types.push("remove");
		const type = this.pick(types);
		if (type === "add") {
			const guest = this.newMember();

			guests.push(guest);
			what = { type, keyPackage: await guest.keyPackage() };
		} else if (type === "remove") {
			const gone = this.pick(mayRemove);

			removed.push(gone);
			what = { type, leaf: gone.leaf() };
		} else {
			what = { type, pskId: text("psk") };
		}
		from.updates ||= type === "update";
		this.count(`proposed: ${type}`);
		this.log.push(`${from.leaf()} proposes ${type} ` +
		    `${what.leaf ?? ""} to ${host.leaf()}`);
		await this.deliver(await from.propose(what, this.wire()), from);
	}

	async stepExternal() {
		const host = this.pick(this.members);
		const guest = this.newMember();
		const treeApart = this.random(2) === 1;
		const info = await host.groupInfo(!treeApart);
		let made;

		try {
			made = await guest.joinExternal(info,
			    treeApart ? await host.tree() : undefined);
		} catch (error) {
			if (guest.kind !== "ts-mls" ||
			    error.message !== unmergedRefusal)
				throw error;
			assert.ok(hasDifferingUnmerged(await host.tree()));
			this.count("refused by ts-mls: unmerged leaves");
			return;
		}
		await this.advance(made, guest);
		this.members.push(guest);
	}

	async stepMessages() {
		for (let i = 0; i < 3; i++) {
			const from = this.pick(this.members);
			const data = new Uint8Array(this.random(2000)).fill(i);
			const message = await from.protect(data);

			for (const member of this.members)
				if (member !== from)
					assert.deepEqual(new Uint8Array(
					    await member.process(message)),
					    data);
		}
	}

	async stepRestore() {
		for (const member of this.members)
			if (member.kind !== "ts-mls")
				await member.restore();
	}

	async step() {
		const n = this.members.length;
		const leaves = this.absentLeaves();

		if (leaves.length > 0) {
			const host = this.pick(this.members);

			this.count("cleared");
			await this.advance(await host.commit({
				removes: leaves }), host);
			this.absent = [];
			return;
		}
		const choices = ["Empty", "Psk", "Messages", "Messages",
			"Restore"];
		if (n < membersMax)
			choices.push("Add", "Add", "External");
		if (n > 1)
			choices.push("Proposals", "Proposals");
		if (n > 2)
			choices.push("Remove");
		if (n > membersMax - 2)
			choices.push("Remove", "Remove", "Remove");
		const choice = this.pick(choices);
		this.count(choice);
		this.log.push(`${choice} in ${this.map()}`);
		await this[`step${choice}`]();
	}
}

async function live(t, suite, cores) {
	const random = newRandom(seed + suite);
	const life = new Life(random, suite, cores);
	const first = life.newMember();

	t.diagnostic(`suite ${suite}: KK_SEED=${seed} KK_STEPS=${steps}`);
	await first.create(text("interop"));
	life.members.push(first);
	for (let i = 0; i < steps; i++) {
		try {
			await life.step();
			await life.agree();
		} catch (error) {
			error.message += `\n${life.log.slice(-4).join("\n")}` +
			    `\nin step ${i} of suite ${suite}, ` +
			    `KK_SEED=${seed}`;
			throw error;
		}
	}
	t.diagnostic(JSON.stringify(life.counts));
	for (const member of life.members)
		member.free();
}

const drivers = (process.env.KK_DRIVERS ?? "build/gcc/interop-driver")
	.split(":");

for (const program of drivers)
	for (const suite of [2, 7])
		test(`ts-mls and our core (${program}) live in one group, ` +
		    `suite ${suite}`, async (t) => {
			const { core, ended } = nativeCore(program);
			const wasm = await web.Core.load();

			try {
				await live(t, suite, { native: core, wasm });
			} finally {
				wasm.close();
				core.close();
			}
			assert.equal(await ended, 0);
		});
