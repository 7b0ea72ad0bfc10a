/*
 * turns.ts - our own commits: whose turn it is, what is due, and what became of
 * it (docs/protocol.md, "Life of a group", 3).
 *
 * A commit of ours takes effect when the server has accepted it; until then it
 * is kept beside the group, also while the link is gone.
 */

import { CoreError, Kind, conferenceExtensions, conferenceOf,
	isSameConference, withoutLeaves, type Conference, type Group,
	type Staged } from "../core/core.js";
import { toBase64 } from "./base64.js";
import { Alarm, type Clock } from "./clock.js";
import type { Identity } from "./identity.js";
import { PolicyError, checkCommit, leaves } from "./members.js";
import type { Pending } from "./pending.js";
import type { Done, Fields } from "./signal.js";

export const turnTimes = {
	turnMs: 400,
	rotationMs: 30_000,
	rotationTurnMs: 2_000,
	retryMs: 1_000, /* after a commit that came to nothing */
	wishMs: 10_000, /* for a change of the state to be agreed on */
};
const addsMax = 32; /* of one commit */
const wishesMax = 32;

/* What a host wants the state to be: the same again where it is so. */
export type Wish = (now: Conference) => Conference;

export interface TurnsHost {
	/* The group, where it may be committed to now. */
	group(): Group | undefined;
	run(step: () => Promise<void>): void;
	ask(type: string, fields: Fields, done: Done): void;
	accepted(staged: Staged): Promise<void>;
	/* Not even an empty commit can be made. */
	spoilt(): void;
	dropped(): void;
}

export class Turns {
	readonly #clock: Clock;
	readonly #host: TurnsHost;
	readonly #identity: Identity;
	readonly #pending: Pending;
	readonly #alarm: Alarm;
	#own: Staged | undefined;
	#wishes: { wish: Wish; until: number }[] = [];
	#lastCommitAt = 0;
	#notBefore = 0;

	constructor(identity: Identity, pending: Pending, clock: Clock,
	    host: TurnsHost) {
		this.#identity = identity;
		this.#pending = pending;
		this.#clock = clock;
		this.#host = host;
		this.#alarm = new Alarm(clock);
	}

	/* A new epoch: the rotation starts again. */
	began(): void {
		this.#lastCommitAt = this.#clock.now();
		this.#notBefore = 0;
	}

	stop(): void {
		this.#alarm.clear();
	}

	drop(): void {
		this.#own?.free();
		this.#own = undefined;
	}

	/* It is committed at once, and again where another commit came first. */
	wish(wish: Wish): void {
		if (this.#wishes.length < wishesMax)
			this.#wishes.push({ wish, until:
			    this.#clock.now() + turnTimes.wishMs });
		this.plan();
	}

	get #hasWishes(): boolean {
		return this.#wishes.length > 0;
	}

	/* Forgets the wishes when they have come true, or never will. */
	#wishesLook(group: Group): void {
		const now = this.#clock.now();

		this.#wishes = this.#wishes.filter(({ until }) => until > now);
		if (!this.#hasWishes)
			return;
		const state = conferenceOf(group);
		const isHost = state.hosts.includes(group.state().ownLeaf);

		if (!isHost || isSameConference(this.#wished(state), state))
			this.#wishes = [];
	}

	/* One after the other: the last one counts. */
	#wished(state: Conference): Conference {
		return this.#wishes.reduce((next, { wish }) => wish(next),
		    state);
	}

	isOwn(message: Uint8Array): boolean {
		return this.#own?.isOwn(message) ?? false;
	}

	/* The server has it, by its answer or by giving it back to us. */
	async accept(own: Staged | undefined = this.#own): Promise<void> {
		if (!own || this.#own !== own)
			return; /* dropped, or accepted already */
		this.#own = undefined;
		await this.#host.accepted(own);
	}

	/* Sees to it that we act when our turn comes; after every change. */
	plan(): void {
		const group = this.#host.group();

		this.#alarm.clear();
		if (!group || this.#own)
			return;
		this.#wishesLook(group);
		const at = Math.min(this.#due(group).at,
		    this.#pending.nextChange(group));

		this.#alarm.set(at, () => this.#host.run(() => this.#turn()));
	}

	/* Those who are due, by leaf; our place among them. */
	#rank(group: Group, removes: number[]): number {
		const { ownLeaf, epoch } = group.state();
		const stay = leaves(group).filter((leaf) =>
		    !removes.includes(leaf));
		const first = Number(epoch % BigInt(stay.length));

		return (stay.indexOf(ownLeaf) - first + stay.length) %
		    stay.length;
	}

	#due(group: Group): { at: number; removes: number[] } {
		const removes = this.#pending.removes(group);
		const rank = this.#rank(group, removes);
		const since = this.#pending.since(removes);
		const rotation = this.#lastCommitAt + turnTimes.rotationMs +
		    rank * turnTimes.rotationTurnMs;
		const turn = this.#hasWishes ? -Infinity :
		    since === undefined ? Infinity :
		    since + rank * turnTimes.turnMs;

		return { at: Math.max(this.#notBefore, Math.min(rotation, turn)),
			removes };
	}

	async #turn(): Promise<void> {
		const group = this.#host.group();

		if (!group || this.#own)
			return;
		const due = this.#due(group);

		if (this.#clock.now() >= due.at)
			await this.#commit(group, due.removes);
		this.plan();
	}

	async #commit(group: Group, removes: number[]): Promise<void> {
		const adds = this.#pending.adds.slice(0, addsMax);

		try {
			await this.#make(group, adds, removes);
		} catch (error) {
			if (!(error instanceof CoreError) &&
			    !(error instanceof PolicyError))
				throw error;
			this.#postpone();
			if (this.#hasWishes)
				this.#wishes = [];
			else if (adds.length === 0)
				this.#host.spoilt();
			else
				await this.#badAddsDrop(group, adds);
		}
	}

	/* One key package that is no good must not keep out the others. */
	async #badAddsDrop(group: Group, adds: [string, Uint8Array][])
	    : Promise<void> {
		let good = 0;

		for (const [participant, keyPackage] of adds) {
			try {
				const made = await this.#stage(group,
				    [keyPackage], []);

				made.staged.free();
				good++;
			} catch {
				this.#pending.dropAdd(participant);
				this.#host.dropped();
			}
		}
		/* Each for itself, but not together: whoever asks again. */
		if (good === adds.length)
			for (const [participant] of adds)
				this.#pending.dropAdd(participant);
	}

	/* With the state as it is to be; undefined: it stays. */
	#extensions(group: Group, removes: number[]): Uint8Array | undefined {
		const before = conferenceOf(group);
		/* Who goes is no host afterwards, whatever was wished. */
		const after = withoutLeaves(
		    this.#wished(withoutLeaves(before, removes)), removes);

		return isSameConference(before, after) ? undefined :
		    conferenceExtensions(group, after);
	}

	async #stage(group: Group, adds: Uint8Array[], removes: number[]) {
		const { client, meeting } = this.#identity;
		const extensions = this.#extensions(group, removes);
		const made = group.commit({ adds, removes, extensions,
			leaveProposalsOut: true,
			psks: adds.length === 0 ? [] :
			    [{ type: "external", id: meeting.pskId }] });

		try {
			await made.staged.verify();
			checkCommit(client, meeting, group, made.staged);
		} catch (error) {
			made.staged.free();
			throw error;
		}
		return made;
	}

	async #make(group: Group, adds: [string, Uint8Array][],
	    removes: number[]): Promise<void> {
		const { meeting } = this.#identity;
		const epoch = Number(group.state().epoch);
		const made = await this.#stage(group, adds.map(([, kp]) => kp),
		    removes);
		const own = made.staged;
		const message = (kind: Kind, bytes: Uint8Array) =>
		    toBase64(meeting.wrap(kind, bytes));
		const welcome = adds.length === 0 ? "" :
		    message(Kind.Welcome, made.welcome);

		this.#own = own;
		this.#host.ask("commit", { epoch,
			message: message(Kind.Handshake, made.commit),
			welcomes: adds.map(([to]) => ({ to,
				message: welcome })) },
		    (error) => this.#host.run(() =>
			this.#answered(own, error?.code)));
	}

	async #answered(own: Staged, error: string | undefined): Promise<void> {
		if (error === undefined)
			await this.accept(own);
		else if (error !== "lost" && this.#own === own)
			this.drop();
		if (error !== undefined)
			this.#postpone();
		this.plan();
	}

	#postpone(): void {
		this.#pending.postpone();
		this.#notBefore = this.#clock.now() + turnTimes.retryMs;
	}
}
