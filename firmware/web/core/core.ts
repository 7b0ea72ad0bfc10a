/*
 * core.ts - MLS groups (RFC 9420) for TypeScript; the C code is in firmware/mls.
 *
 * A change is staged, verified and applied, or dropped by free():
 *
 *	const event = group.process(message);
 *	if (event.type === "commit") {
 *		await event.staged.verify();
 *		group.apply(event.staged);
 *	}
 *
 * Bytes that come out are the caller's copies.  Everything that has free() lives
 * in the core's memory until then; freeing twice throws KK_ENOENT.  Private keys
 * leave the core sealed under a key of the caller's, and in no other way.
 * Errors are CoreError with the name of base/err.h.
 */

import { Op } from "./ops.js";
import { Writer, type Reader } from "./bytes.js";
import { Core, CoreError, Thing, nowSeconds } from "./module.js";
import * as t from "./types.js";
import { verifyOne, type Check } from "./verify.js";

export { Core, CoreError } from "./module.js";
export { Thing } from "./module.js";
export type { LoadOptions, Transport } from "./module.js";
export { Kind, Meeting, securityCode } from "./meeting.js";
export * from "./conference.js";
export * from "./types.js";

const stateKeyBytes = 32;

function addStateKey(w: Writer, key: Uint8Array): Writer {
	if (key.length !== stateKeyBytes)
		throw new CoreError("KK_EINVAL", "a state key has 32 bytes");
	return w.raw(key);
}

/* A signature key that stays in the core. */
export class Signer extends Thing {
	readonly publicKey: Uint8Array;
	readonly #scheme: t.Scheme;

	private constructor(core: Core, r: Reader, scheme: t.Scheme) {
		const publicKey = r.vec();

		super(core, r.u32());
		this.publicKey = publicKey;
		this.#scheme = scheme;
	}

	static generate(core: Core, scheme: t.Scheme): Signer {
		return new Signer(core, core.call(Op.signer_new,
		    new Writer().u16(scheme)), scheme);
	}

	/* Sealed with AES-256-GCM under a key of 32 bytes. */
	save(key: Uint8Array): Uint8Array {
		return this.ask(Op.signer_save, (w) => {
			addStateKey(w, key).u16(this.#scheme);
		}).vec();
	}

	static restore(core: Core, key: Uint8Array, sealed: Uint8Array): Signer {
		const scheme = (sealed[0] ?? 0) << 8 | (sealed[1] ?? 0);
		const w = addStateKey(new Writer(), key).vec(sealed);

		return new Signer(core, core.call(Op.signer_restore, w), scheme);
	}
}

export interface ClientConfig {
	suite: t.Suite;
	signer: Signer;
	credential: t.Credential;
	/* Members with a mere name; otherwise all need a certificate. */
	acceptsBasic?: boolean;
	refusesPublicHandshake?: boolean;
	extensions?: number[]; /* types that we understand besides RFC 9420's */
	lifetimeSeconds?: number;
	paddingBytes?: number;
	/* 0 or left out: the core's defaults (mls.h) */
	limits?: {
		members?: number;
		messageBytes?: number;
		forward?: number;
		pastEpochs?: number;
	};
}

export type TrustKind = "ca" | "issuer" | "crl";
const trustKinds: TrustKind[] = ["ca", "issuer", "crl"];

/* Who we are in groups, and whom we trust. */
export class Client extends Thing {
	constructor(config: ClientConfig) {
		const w = new Writer();
		const { limits = {}, signer } = config;

		w.u16(config.suite).u32(signer.handle);
		w.flag(config.acceptsBasic);
		t.writeCredential(w, config.credential);
		const types = new Writer();
		for (const type of config.extensions ?? [])
			types.u16(type);
		w.vec(types.bytes).flag(config.refusesPublicHandshake);
		w.u32(config.lifetimeSeconds ?? 0);
		w.u32(config.paddingBytes ?? 0);
		w.u32(limits.members ?? 0).u32(limits.messageBytes ?? 0);
		w.u32(limits.forward ?? 0).u32(limits.pastEpochs ?? 0);
		super(signer.core, signer.core.call(Op.client_new, w).u32());
	}

	/* A CA certificate, an issuer of revocation lists below one, or a list. */
	addTrust(kind: TrustKind, pemOrDer: Uint8Array): void {
		this.ask(Op.client_trust, (w) => {
			w.u8(trustKinds.indexOf(kind)).vec(pemOrDer);
		});
	}

	/* From now on every certificate needs a list of its issuer. */
	requireCrl(): void {
		this.ask(Op.client_trust, (w) => w.u8(3).vec(undefined));
	}

	setPsk(id: Uint8Array, secret: Uint8Array): void {
		if (secret.length === 0)
			throw new CoreError("KK_EINVAL", "an empty secret");
		this.ask(Op.client_psk, (w) => w.vec(id).vec(secret));
	}

	/* How often groups asked for a PSK: a join without one shows here. */
	pskUses(): number {
		return this.ask(Op.client_psk_uses).u32();
	}

	removePsk(id: Uint8Array): void {
		this.ask(Op.client_psk, (w) => w.vec(id).vec(undefined));
	}

	/* The name in a member's chain, which the group has verified. */
	subject(certs: Uint8Array[], now = nowSeconds())
	    : { name: string; notBefore: number; notAfter: number } {
		const r = this.ask(Op.client_subject, (w) => {
			t.writeCerts(w, certs);
			w.u64(now);
		});

		return { name: r.text(), notBefore: Number(r.u64()),
			notAfter: Number(r.u64()) };
	}

	newKeyPackage(now = nowSeconds()): KeyPackage {
		return new KeyPackage(this.core, this.ask(Op.key_package_new,
		    (w) => w.u64(now)));
	}

	restoreKeyPackage(key: Uint8Array, sealed: Uint8Array): KeyPackage {
		return new KeyPackage(this.core, this.ask(
		    Op.key_package_restore,
		    (w) => addStateKey(w, key).vec(sealed)));
	}

	/* A message that asks to be added to a group (RFC 9420, 12.1.8). */
	proposeSelf(keyPackage: KeyPackage, groupId: Uint8Array, epoch: bigint)
	    : Uint8Array {
		return this.ask(Op.client_propose_self, (w) => {
			w.u32(keyPackage.handle).vec(groupId).u64(epoch);
		}).vec();
	}

	/* A group of one. */
	newGroup(id: Uint8Array, options: { extensions?: Uint8Array;
	    now?: number } = {}): Group {
		return new Group(this.core, this.ask(Op.group_new, (w) => {
			w.vec(id).vec(options.extensions);
			w.u64(options.now ?? nowSeconds());
		}).u32());
	}

	/* By a welcome; tree when it came apart. */
	join(keyPackage: KeyPackage, welcome: Uint8Array,
	    options: { tree?: Uint8Array; now?: number } = {}): StagedJoin {
		return new StagedJoin(this.core, this.ask(Op.group_join, (w) => {
			w.u32(keyPackage.handle).vec(welcome);
			w.vec(options.tree);
			w.u64(options.now ?? nowSeconds());
		}).u32());
	}

	/* By a commit of our own, which the group has to accept first. */
	joinExternal(groupInfo: Uint8Array, options: { tree?: Uint8Array;
	    replaces?: number; psk?: t.PskWant; now?: number } = {})
	    : { commit: Uint8Array; staged: StagedJoin } {
		const r = this.ask(Op.group_join_external, (w) => {
			w.vec(groupInfo).vec(options.tree);
			w.u32((options.replaces ?? -1) + 1);
			w.flag(options.psk !== undefined);
			if (options.psk)
				t.writePsk(w, options.psk);
			w.u64(options.now ?? nowSeconds());
		});
		const commit = r.vec();

		return { commit, staged: new StagedJoin(this.core, r.u32()) };
	}

	restoreGroup(key: Uint8Array, sealed: Uint8Array): Group {
		return new Group(this.core, this.ask(Op.group_restore,
		    (w) => addStateKey(w, key).vec(sealed)).u32());
	}
}

/* Made to be added by others, used for one join. */
export class KeyPackage extends Thing {
	readonly message: Uint8Array;

	constructor(core: Core, r: Reader) {
		const message = r.vec();

		super(core, r.u32());
		this.message = message;
	}

	save(key: Uint8Array): Uint8Array {
		return this.ask(Op.key_package_save,
		    (w) => addStateKey(w, key)).vec();
	}
}

/* An epoch that may come.  Nothing of it can be used before apply. */
export class Staged extends Thing {
	/* At most this many batches are with WebCrypto at a time. */
	static readonly batches = 4;

	state(): { committer: t.Sender | undefined; hasPath: boolean; removesUs: boolean;
	    epoch: bigint; leafEnd: number; changeCount: number;
	    extensions: Uint8Array } {
		const r = this.ask(Op.staged_state);

		return { committer: t.readSenderOrNobody(r), hasPath: r.flag(),
			removesUs: r.flag(), epoch: r.u64(), leafEnd: r.u32(),
			changeCount: r.u32(), extensions: r.vec() };
	}

	changes(): t.Change[] {
		const changes: t.Change[] = [];

		for (let i = 0; i < this.state().changeCount; i++)
			changes.push(t.readChange(
			    this.ask(Op.staged_change, (w) => w.u32(i))));
		return changes;
	}

	member(leaf: number): t.Member {
		return t.readMember(this.ask(Op.staged_member,
		    (w) => w.u32(leaf)));
	}

	/* Is this the commit that made it? */
	isOwn(message: Uint8Array): boolean {
		try {
			this.ask(Op.staged_is_own, (w) => w.vec(message));
			return true;
		} catch (error) {
			if (error instanceof CoreError)
				return false;
			throw error;
		}
	}

	#checks(first: number): { count: number; checks: Check[] } {
		const r = this.ask(Op.staged_checks, (w) => w.u32(first));
		const count = r.u32();
		const checks: Check[] = [];

		while (r.hasMore)
			checks.push({ sig: r.u16(), publicKey: r.vec(),
			    message: r.vec(), signature: r.vec() });
		return { count, checks };
	}

	async #confirm(subtle: SubtleCrypto | undefined, first: number,
	    checks: Check[]): Promise<void> {
		const verdicts = await Promise.all(checks.map((check) =>
		    verifyOne(subtle, this.core.keys, check)));

		this.ask(Op.staged_confirm, (w) => {
			w.u32(first).vec(Uint8Array.from(verdicts));
		});
	}

	/*
	 * Verifies every signature that the epoch stands on, by WebCrypto and
	 * in the core what is left.  Throws CoreError KK_EVERIFY.
	 */
	async verify(subtle: SubtleCrypto | undefined =
	    globalThis.crypto?.subtle): Promise<void> {
		const running: Promise<void>[] = [];
		let count = 1;

		for (let first = 0; first < count;) {
			const batch = this.#checks(first);

			count = batch.count;
			const done = this.#confirm(subtle, first, batch.checks);
			done.catch(() => {}); /* awaited below */
			running.push(done);
			first += batch.checks.length;
			if (running.length >= Staged.batches)
				await running.shift();
			if (batch.checks.length === 0)
				break;
		}
		await Promise.all(running);
		this.ask(Op.staged_run);
	}

	/* The same without WebCrypto, and at once. */
	verifyHere(): void {
		this.ask(Op.staged_run);
	}

	save(key: Uint8Array): Uint8Array {
		return this.ask(Op.staged_save,
		    (w) => addStateKey(w, key)).vec();
	}

	/* For Group.apply(): the epoch is the group's now. */
	applied(): void {
		this.gone();
	}
}

export class StagedJoin extends Staged {
	/* The group joined, when all is verified; this is freed with it. */
	takeGroup(): Group {
		this.ask(Op.staged_take_group);
		return new Group(this.core, this.gone());
	}
}

export type Event =
    | { type: "application"; sender: t.Sender; epoch: bigint;
	data: Uint8Array; authenticatedData: Uint8Array }
    | { type: "proposal"; sender: t.Sender; epoch: bigint;
	proposalType: number; authenticatedData: Uint8Array }
    | { type: "commit"; sender: t.Sender; epoch: bigint; staged: Staged;
	authenticatedData: Uint8Array };

export interface Commit {
	commit: Uint8Array;
	welcome: Uint8Array; /* empty where nobody was added */
	staged: Staged;
}

export interface GroupState {
	suite: number;
	id: Uint8Array;
	epoch: bigint;
	ownLeaf: number;
	memberCount: number;
	leafEnd: number; /* above all leaves */
	isActive: boolean;
	extensions: Uint8Array;
	treeHash: Uint8Array;
}

export class Group extends Thing {
	state(): GroupState {
		const r = this.ask(Op.group_state);

		return { suite: r.u16(), id: r.vec(), epoch: r.u64(),
			ownLeaf: r.u32(), memberCount: r.u32(),
			leafEnd: r.u32(), isActive: r.flag(),
			extensions: r.vec(), treeHash: r.vec() };
	}

	/* Throws KK_ENOENT where nobody is. */
	member(leaf: number): t.Member {
		return t.readMember(this.ask(Op.group_member,
		    (w) => w.u32(leaf)));
	}

	/* Secrets for the application (RFC 9420, 8.5). */
	export(label: string, context: Uint8Array, bytes: number): Uint8Array {
		return this.ask(Op.group_export, (w) => {
			w.text(label).vec(context).u32(bytes);
		}).vec();
	}

	authenticator(): Uint8Array {
		return this.ask(Op.group_authenticator).vec();
	}

	/* A GroupInfo message. */
	info(options: { externalPub?: boolean; tree?: boolean } = {})
	    : Uint8Array {
		return this.ask(Op.group_info, (w) => {
			w.flag(options.externalPub).flag(options.tree);
		}).vec();
	}

	/* The content of a ratchet_tree extension. */
	tree(): Uint8Array {
		return this.ask(Op.group_tree).vec();
	}

	proposeAdd(keyPackage: Uint8Array, wire?: t.Wire,
	    now = nowSeconds()): Uint8Array {
		return this.ask(Op.group_propose_add, (w) => {
			t.writeWire(w, wire).vec(keyPackage).u64(now);
		}).vec();
	}

	proposeUpdate(wire?: t.Wire): Uint8Array {
		return this.ask(Op.group_propose_update,
		    (w) => t.writeWire(w, wire)).vec();
	}

	proposeRemove(leaf: number, wire?: t.Wire): Uint8Array {
		return this.ask(Op.group_propose_remove,
		    (w) => t.writeWire(w, wire).u32(leaf)).vec();
	}

	proposePsk(psk: t.PskWant, wire?: t.Wire): Uint8Array {
		return this.ask(Op.group_propose_psk, (w) => {
			t.writePsk(t.writeWire(w, wire), psk);
		}).vec();
	}

	proposeExtensions(extensions: Uint8Array, wire?: t.Wire): Uint8Array {
		return this.ask(Op.group_propose_extensions,
		    (w) => t.writeWire(w, wire).vec(extensions)).vec();
	}

	proposeReInit(reinit: t.ReInit, wire?: t.Wire): Uint8Array {
		return this.ask(Op.group_propose_reinit, (w) => {
			t.writeReInit(t.writeWire(w, wire), reinit);
		}).vec();
	}

	dropProposals(): void {
		this.ask(Op.group_drop_proposals);
	}

	/* Send commit; when it is accepted, apply(staged). */
	commit(spec: t.CommitSpec = {}): Commit {
		const r = this.ask(Op.group_commit, (w) => {
			t.writeCommit(w, spec);
			w.u64(spec.now ?? nowSeconds());
		});
		const commit = r.vec();
		const welcome = r.vec();

		return { commit, welcome,
			staged: new Staged(this.core, r.u32()) };
	}

	/* An application message. */
	protect(data: Uint8Array, authenticatedData?: Uint8Array): Uint8Array {
		return this.ask(Op.group_protect, (w) => {
			w.vec(data).vec(authenticatedData);
		}).vec();
	}

	process(message: Uint8Array, now = nowSeconds()): Event {
		const r = this.ask(Op.group_process, (w) => {
			w.vec(message).u64(now);
		});
		const type = r.u8();
		const sender = t.readSender(r);
		const epoch = r.u64();
		const proposalType = r.u16();
		const data = r.vec();
		const authenticatedData = r.vec();

		if (type === 0)
			return { type: "application", sender, epoch, data,
				authenticatedData };
		if (type === 1)
			return { type: "proposal", sender, epoch, proposalType,
				authenticatedData };
		return { type: "commit", sender, epoch, authenticatedData,
			staged: new Staged(this.core, r.u32()) };
	}

	/* Enters the staged epoch; staged is freed.  On error both stay. */
	apply(staged: Staged): void {
		this.ask(Op.group_apply, (w) => w.u32(staged.handle));
		staged.applied();
	}

	/* Late messages of past epochs no longer open. */
	forgetPast(): void {
		this.ask(Op.group_forget_past);
	}

	save(key: Uint8Array): Uint8Array {
		return this.ask(Op.group_save,
		    (w) => addStateKey(w, key)).vec();
	}

	restoreStaged(key: Uint8Array, sealed: Uint8Array): Staged {
		return new Staged(this.core, this.ask(Op.staged_restore,
		    (w) => addStateKey(w, key).vec(sealed)).u32());
	}
}
