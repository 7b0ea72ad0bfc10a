/*
 * life.ts - a member's part in the life of a group (docs/protocol.md).
 *
 * Everything that happens is done one after the other, in the order in which
 * the server told it: verifying a commit takes a while, and the next one must
 * not overtake it.  The group moves only by commits that the server accepted.
 */

import { CoreError, Kind, conferenceOf, securityCode, type Conference,
	type Group, type KeyPackage, type Staged, type Thing }
	from "../core/core.js";
import { bytesInclude, fromBase64, toBase64 } from "./base64.js";
import { Alarm, type Clock } from "./clock.js";
import { Identity } from "./identity.js";
import { PolicyError, checkCommit, checkGroup, leaves, linesOf, memberAt,
	whoIs } from "./members.js";
import { Pending } from "./pending.js";
import { Turns, type Wish } from "./turns.js";
import { importBaseKey } from "./sframe.js";
import type { Epoch } from "./frames.js";
import type { Done, Fields } from "./signal.js";

export const times = {
	keyPackageMs: 3_000,
	joinMs: 30_000,
	hereMs: 5_000,
	metMs: 1_000,
	rejoinMs: 60_000,
};
const rejoinsMax = 3; /* within rejoinMs */
const harmless = new Set(["reset", "missed", "behind"]);
const dataMaxBytes = 16 * 1024;

/* Why a member cannot stay. */
export type LifeTrouble = "no-answer" | "unverified" | "foreign" | "expired" |
    "revoked" | "removed" | "internal";

/* Errors that mean: this group is not what it says.  Others may be our own. */
const unverifiable = new Map<string, LifeTrouble>([
	["KK_EVERIFY", "unverified"], ["KK_EPOLICY", "unverified"],
	["KK_EDENIED", "unverified"], ["KK_ENAME", "unverified"],
	["KK_EUNTRUSTED", "foreign"], ["KK_EEXPIRED", "expired"],
	["KK_EREVOKED", "revoked"],
]);

function troubleOf(error: unknown): LifeTrouble | undefined {
	if (error instanceof PolicyError)
		return "unverified";
	return error instanceof CoreError ? unverifiable.get(error.name) :
	    undefined;
}

export interface Member {
	leaf: number;
	name: string;
	verified: boolean;
	isSelf: boolean;
	linesOf: string | undefined; /* a box's lines: of which one */
	participant: string | undefined;
}

export interface LifeHost {
	ask(type: string, fields: Fields, done: Done): void;
	/* A new epoch began: its keys, and what people compare. */
	epoch(epoch: Epoch, code: string): void;
	/* The keys are gone; members are none. */
	forgotten(): void;
	/* Who is there, or which participant is whose, changed. */
	changed(): void;
	/* What a member said, but for `here`. */
	said(leaf: number, words: Fields): void;
	/* The time to tell one's own state again. */
	tell(): void;
	/* Our leaf is of no use any more: enter the meeting anew. */
	reenter(): void;
	failed(trouble: LifeTrouble, detail: string): void;
}

export class Life {
	readonly #clock: Clock;
	readonly #host: LifeHost;
	readonly #identity: Identity;
	readonly #turns: Turns;
	readonly #joinAlarm: Alarm;
	readonly #pending: Pending;
	#queue: Promise<void> = Promise.resolve();
	#group: Group | undefined;
	#conference: Conference | undefined;
	#keyPackages: KeyPackage[] = [];
	#isUp = false;
	#isClosed = false;
	#participant = "";
	#joinEndsAt = 0;
	#hereAt = 0; /* the epoch from which on others hear us */
	#hereSaidAt = -Infinity;
	readonly #newcomers = new Set<string>(); /* since our last `here` */
	#rejoins: number[] = [];
	dropped = 0; /* messages that did not open or parse */

	constructor(identity: Identity, clock: Clock, host: LifeHost) {
		this.#identity = identity;
		this.#clock = clock;
		this.#host = host;
		this.#joinAlarm = new Alarm(clock);
		this.#pending = new Pending(clock, times.hereMs);
		this.#turns = new Turns(identity, this.#pending, clock, {
			group: () => this.#isUp ? this.#group : undefined,
			run: (step) => this.#run(step),
			ask: (type, fields, done) => host.ask(type, fields, done),
			accepted: (staged) => this.#apply(staged),
			spoilt: () => this.#rejoin("lost"),
			dropped: () => void this.dropped++,
		});
	}

	get epoch(): number | undefined {
		return this.#group && Number(this.#group.state().epoch);
	}

	get members(): Member[] {
		const group = this.#group;

		if (!group)
			return [];
		const own = group.state().ownLeaf;

		return leaves(group).map((leaf) => {
			const who = whoIs(this.#identity.client,
			    group.member(leaf)) ?? { name: "?", verified: false };

			return { leaf, isSelf: leaf === own, ...who,
				linesOf: linesOf(who),
				participant: leaf === own ? this.#participant :
				    this.#pending.participantOf(leaf) };
		});
	}

	/* The state of the epoch that is on. */
	get conference(): Conference | undefined {
		return this.#conference;
	}

	get isHost(): boolean {
		return !!this.#group && !!this.#conference?.hosts.includes(
		    this.#group.state().ownLeaf);
	}

	/* As a host: nothing happens where we are none. */
	wish(wish: Wish): void {
		this.#run(async () => this.#turns.wish(wish));
	}

	/* About a member: nothing where its leaf is another's by then. */
	wishOf(leaf: number, wish: Wish): void {
		this.#run(async () => {
			const key = this.#keyOf(leaf);

			if (key !== undefined)
				this.#turns.wish((now) =>
				    this.#keyOf(leaf) === key ? wish(now) : now);
		});
	}

	#keyOf(leaf: number): string | undefined {
		const member = this.#group && memberAt(this.#group, leaf);

		return member ? toBase64(member.signatureKey) : undefined;
	}

	/* For tests: resolves when all that has come in so far is done. */
	async settled(): Promise<void> {
		await this.#queue;
	}

	close(): void {
		this.#isClosed = true;
		this.#isUp = false;
		this.#turns.stop();
		this.#joinAlarm.clear();
		this.#run(async () => this.#groupForget());
	}

	/* --- one after the other --- */

	#run(step: () => Promise<void>): void {
		this.#queue = this.#queue.then(step).catch((error) => {
			if (!this.#isClosed)
				this.#fail("internal", String(error));
		});
	}

	#fail(trouble: LifeTrouble, detail: string): void {
		if (this.#isClosed)
			return;
		this.close();
		this.#host.failed(trouble, detail);
	}

	/* --- the link --- */

	/* The answer to `enter`; what was missed comes as events after it. */
	entered(answer: Fields): void {
		this.#run(async () => {
			const present = (answer.participants as
			    { participant: string }[]).map(
			    (p) => p.participant);

			this.#isUp = true;
			this.#participant = answer.participant as string;
			this.#pending.entered(present);
			if (!this.#group)
				this.#joinAgain();
			else if (answer.isBehind || answer.epoch === null)
				this.#rejoin("behind");
			else
				this.#enteredAgain(answer.epoch as number);
		});
	}

	#enteredAgain(epoch: number): void {
		this.#hereAt = epoch;
		/* With nothing missed, our commit did not get there. */
		if (this.epoch === epoch)
			this.#turns.drop();
		this.#here();
		this.#turns.plan();
	}

	/* The link is gone: nobody commits, and our own commit's fate is open. */
	lost(): void {
		this.#run(async () => {
			this.#isUp = false;
			this.#turns.stop();
			this.#joinAlarm.clear();
		});
	}

	event(event: Fields & { type: string }): void {
		this.#run(async () => {
			if (this.#isClosed)
				return;
			if (event.type === "joined")
				this.#joined(event.participant as string);
			else if (event.type === "left")
				this.#left(event.participant as string);
			else if (event.type === "commit")
				await this.#commitSeen(event);
			else if (event.type === "welcome")
				await this.#welcomeSeen(event);
			else if (event.type === "message")
				await this.#messageSeen(event);
			else if (event.type === "reset")
				this.#rejoin("reset");
			this.#turns.plan();
		});
	}

	#joined(participant: string): void {
		this.#pending.joined(participant);
		this.#newcomers.add(participant);
		this.#host.changed();
	}

	#left(participant: string): void {
		this.#pending.left(participant);
		this.#host.changed();
	}

	/* --- joining --- */

	/* Where a key package of ours went out before, its welcome may have been
	 * missed: those keys have a leaf already. */
	#joinAgain(): void {
		if (this.#keyPackages.length > 0) {
			this.#keyPackagesFree();
			this.#identity.renew();
		}
		this.#joinStart();
	}

	#joinStart(): void {
		this.#joinEndsAt = this.#clock.now() + times.joinMs;
		this.#offer();
	}

	#offer(): void {
		if (this.#group || !this.#isUp)
			return;
		if (this.#clock.now() >= this.#joinEndsAt) {
			this.#fail("no-answer", "no welcome came");
			return;
		}
		const kp = this.#identity.client.newKeyPackage();

		this.#keyPackages.push(kp);
		this.#send(Kind.KeyPackage, kp.message);
		this.#joinAlarm.set(this.#clock.now() + times.keyPackageMs,
		    () => this.#run(async () => this.#offer()));
	}

	async #welcomeSeen(event: Fields): Promise<void> {
		const welcome = this.#unwrap(event.message, Kind.Welcome);

		if (this.#group || !welcome)
			return;
		/* The newest is the likeliest one. */
		for (const kp of [...this.#keyPackages].reverse())
			if (await this.#join(kp, welcome))
				return;
		this.dropped++;
	}

	/* False: a welcome for another key package. */
	async #join(kp: KeyPackage, welcome: Uint8Array): Promise<boolean> {
		const { client, id, suite } = this.#identity;
		const uses = client.pskUses();
		let made: Thing | undefined;
		let group: Group;

		try {
			const staged = client.join(kp, welcome);

			made = staged;
			if (client.pskUses() === uses)
				throw new PolicyError("joined without the PSK");
			await staged.verify();
			group = made = staged.takeGroup();
			checkGroup(client, group, id, suite);
		} catch (error) {
			made?.free();
			if (error instanceof CoreError &&
			    error.name === "KK_ENOKEY")
				return false;
			this.#fail(troubleOf(error) ?? "unverified",
			    String(error));
			return true;
		}
		this.#joinAlarm.clear();
		this.#keyPackagesFree();
		this.#group = group;
		await this.#epochBegin();
		this.#pending.enteredGroup();
		this.#here();
		return true;
	}

	#keyPackagesFree(): void {
		for (const kp of this.#keyPackages.splice(0))
			kp.free();
	}

	#groupForget(): void {
		this.#turns.drop();
		this.#keyPackagesFree();
		this.#pending.forget();
		this.#group?.free();
		this.#group = undefined;
		this.#conference = undefined;
		this.#host.forgotten();
	}

	/* Forgets the group and joins anew, with new keys. */
	#rejoin(why: string): void {
		const now = this.#clock.now();

		this.#groupForget();
		this.#hereAt = 0;
		this.#rejoins = this.#rejoins.filter((at) =>
		    now - at < times.rejoinMs);
		if (!harmless.has(why) && this.#rejoins.push(now) > rejoinsMax) {
			this.#fail(why === "removed" ? "removed" : "unverified",
			    `${why}, again and again`);
			return;
		}
		this.#identity.renew();
		if (why === "lost")
			this.#host.reenter();
		else
			this.#joinStart();
	}

	/* --- epochs --- */

	async #epochBegin(): Promise<void> {
		const group = this.#group!;
		const { ownLeaf } = group.state();
		const base = group.export("SFrame 1.0 Base Key",
		    new Uint8Array(0), 32);
		const key = await importBaseKey(base);

		base.fill(0);
		this.#turns.began();
		this.#conference = conferenceOf(group);
		this.#host.epoch({ epoch: this.epoch!, ownLeaf,
			members: leaves(group), key }, securityCode(group));
		this.#host.changed();
	}

	async #apply(staged: Staged): Promise<void> {
		const changes = staged.changes();

		this.#group!.apply(staged);
		const hasAdded = this.#pending.applied(changes);

		await this.#epochBegin();
		/* Others have not heard us where we had missed commits, or where
		 * our words and this commit met on the way. */
		if (hasAdded || this.epoch === this.#hereAt ||
		    this.#clock.now() - this.#hereSaidAt < times.metMs)
			this.#here();
	}

	async #commitSeen(event: Fields): Promise<void> {
		const group = this.#group;
		const message = this.#unwrap(event.message, Kind.Handshake);
		const epoch = this.epoch;

		if (!group || epoch === undefined ||
		    (event.epoch as number) < epoch)
			return;
		if (event.epoch !== epoch || !message) {
			this.#rejoin("lost");
			return;
		}
		if (this.#turns.isOwn(message)) {
			await this.#turns.accept();
			return;
		}
		this.#turns.drop();
		await this.#commitTake(group, message);
	}

	async #commitTake(group: Group, message: Uint8Array): Promise<void> {
		let staged: Staged | undefined;

		try {
			const event = group.process(message);

			if (event.type !== "commit")
				throw new PolicyError("no commit");
			staged = event.staged;
			await staged.verify();
			checkCommit(this.#identity.client,
			    this.#identity.meeting, group, staged);
			if (!staged.state().removesUs) {
				await this.#apply(staged);
				return;
			}
		} catch (error) {
			if (staged && !staged.isFreed)
				staged.free();
			this.#commitRefused(error);
			return;
		}
		staged.free();
		/* While our link was gone the others had to: that is no matter. */
		this.#rejoin(this.epoch! < this.#hereAt ? "missed" : "removed");
	}

	#commitRefused(error: unknown): void {
		const trouble = troubleOf(error);

		if (trouble)
			this.#fail(trouble, String(error));
		else if (error instanceof CoreError)
			this.#rejoin("lost");
		else
			throw error;
	}

	/* --- messages --- */

	#send(kind: Kind, message: Uint8Array): void {
		const wrapped = this.#identity.meeting.wrap(kind, message);

		this.#host.ask("message", { message: toBase64(wrapped) },
		    () => {});
	}

	#unwrap(text: unknown, kind: Kind): Uint8Array | null {
		const found = this.#unwrapAny(text);

		return found?.kind === kind ? found.message : null;
	}

	#unwrapAny(text: unknown) {
		const wrapped = fromBase64(text);

		try {
			return wrapped &&
			    this.#identity.meeting.unwrap(wrapped);
		} catch {
			this.dropped++;
			return null;
		}
	}

	async #messageSeen(event: Fields): Promise<void> {
		const found = this.#unwrapAny(event.message);

		if (!found || !this.#group)
			return;
		if (found.kind === Kind.KeyPackage)
			this.#keyPackageSeen(event.from as string,
			    found.message);
		else if (found.kind === Kind.Application)
			this.#dataSeen(found.message, event.from);
		else if (found.kind === Kind.Handshake)
			this.#proposalSeen(found.message);
	}

	#keyPackageSeen(from: string, keyPackage: Uint8Array): void {
		const group = this.#group!;
		const known = leaves(group).find((leaf) => bytesInclude(
		    keyPackage, memberAt(group, leaf)!.signatureKey));

		if (known !== group.state().ownLeaf)
			this.#pending.offered(from, keyPackage, known);
	}

	/* Kept, since another member's commit may name it. */
	#proposalSeen(message: Uint8Array): void {
		try {
			const event = this.#group!.process(message);

			if (event.type === "commit")
				event.staged.free(); /* not in the order */
		} catch (error) {
			if (!(error instanceof CoreError))
				throw error;
			this.dropped++;
		}
	}

	#dataSeen(message: Uint8Array, from: unknown): void {
		let leaf: number, words: Fields;

		try {
			const event = this.#group!.process(message);

			if (event.type !== "application" ||
			    event.data.length > dataMaxBytes)
				throw new SyntaxError("no words");
			leaf = event.sender.index;
			words = JSON.parse(new TextDecoder("utf-8",
			    { fatal: true }).decode(event.data)) as Fields;
			if (typeof words !== "object" || words === null)
				throw new SyntaxError("no object");
		} catch {
			this.dropped++;
			return;
		}
		if (words.type === "here")
			this.#hereSeen(leaf, words.participant, from);
		else
			this.#host.said(leaf, words);
	}

	/* Whoever came after our last `here` has not heard it. */
	#hereSeen(leaf: number, participant: unknown, from: unknown): void {
		if (typeof participant !== "string" || participant !== from) {
			this.dropped++;
			return;
		}
		this.#pending.bind(leaf, participant);
		if (this.#newcomers.has(participant))
			this.#here();
		this.#host.changed();
	}

	/* Says something to all members. */
	say(words: Fields): void {
		this.#run(async () => this.#sayNow(words));
	}

	#sayNow(words: Fields): void {
		const data = new TextEncoder().encode(JSON.stringify(words));

		if (!this.#group || !this.#isUp || data.length > dataMaxBytes ||
		    this.epoch! < this.#hereAt)
			return;
		this.#send(Kind.Application, this.#group.protect(data));
	}

	#here(): void {
		if (!this.#group || this.epoch! < this.#hereAt)
			return;
		this.#newcomers.clear();
		this.#hereSaidAt = this.#clock.now();
		this.#sayNow({ type: "here", participant: this.#participant });
		this.#host.tell();
	}
}
