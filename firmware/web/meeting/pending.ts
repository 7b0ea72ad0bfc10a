/*
 * pending.ts - which participant has which leaf, who waits to be added, who is
 * to be removed (docs/protocol.md, "Life of a group", 3 to 5).
 */

import { ProposalType, type Change, type Group } from "../core/core.js";
import { bytesInclude } from "./base64.js";
import type { Clock } from "./clock.js";
import { leaves } from "./members.js";

const addsMax = 64;
const keyPackageMaxBytes = 32 * 1024;
/* A key package that crossed its own welcome on the way is no new wish. */
const crossedMs = 2_000;

export class Pending {
	readonly #clock: Clock;
	readonly #hereMs: number;
	readonly #adds = new Map<string, Uint8Array>();
	readonly #present = new Set<string>();
	readonly #gone = new Set<string>(); /* told by `left` */
	readonly #bound = new Map<number, string>(); /* leaf: participant */
	readonly #addedAt = new Map<number, number>();
	readonly #replaced = new Set<number>(); /* whose owner came anew */
	#enteredAt = 0;
	#since: number | undefined;

	constructor(clock: Clock, hereMs: number) {
		this.#clock = clock;
		this.#hereMs = hereMs;
	}

	/* After `enter`; who has which leaf is kept for those who are there. */
	entered(present: string[]): void {
		this.#enteredAt = this.#clock.now();
		this.#present.clear();
		this.#gone.clear();
		this.#adds.clear();
		this.#since = undefined;
		for (const participant of present)
			this.#present.add(participant);
	}

	enteredGroup(): void {
		this.#enteredAt = this.#clock.now();
	}

	forget(): void {
		this.#bound.clear();
		this.#adds.clear();
		this.#addedAt.clear();
		this.#replaced.clear();
		this.#since = undefined;
	}

	joined(participant: string): void {
		this.#present.add(participant);
		this.#gone.delete(participant);
	}

	left(participant: string): void {
		this.#present.delete(participant);
		this.#gone.add(participant);
		this.#adds.delete(participant);
	}

	participantOf(leaf: number): string | undefined {
		const participant = this.#bound.get(leaf);

		return participant !== undefined &&
		    this.#present.has(participant) ? participant : undefined;
	}

	/* One participant has one leaf: the one that said so last. */
	bind(leaf: number, participant: string): void {
		for (const [other, whose] of this.#bound)
			if (whose === participant && other !== leaf)
				this.#bound.delete(other);
		this.#bound.set(leaf, participant);
	}

	/* known: the leaf that has this key already.  A participant with a leaf
	 * has lost its group: after `here` it asks for nothing else. */
	offered(from: string, keyPackage: Uint8Array, known: number | undefined)
	    : void {
		if (keyPackage.length > keyPackageMaxBytes ||
		    (this.#adds.size >= addsMax && !this.#adds.has(from)))
			return;
		for (const [leaf, whose] of this.#bound)
			if (whose === from)
				this.#replaced.add(leaf);
		if (known !== undefined && !this.#replaced.has(known)) {
			const age = this.#clock.now() -
			    (this.#addedAt.get(known) ?? -Infinity);

			if (age < crossedMs)
				return;
			this.#replaced.add(known);
		}
		this.#adds.set(from, keyPackage);
	}

	dropAdd(participant: string): void {
		this.#adds.delete(participant);
	}

	get adds(): [string, Uint8Array][] {
		return [...this.#adds];
	}

	#removableAt(leaf: number): number {
		const participant = this.#bound.get(leaf);

		if (this.#replaced.has(leaf) || (participant !== undefined &&
		    this.#gone.has(participant)))
			return -Infinity;
		if (participant !== undefined && this.#present.has(participant))
			return Infinity;
		return Math.max(this.#enteredAt,
		    this.#addedAt.get(leaf) ?? 0) + this.#hereMs;
	}

	#others(group: Group): number[] {
		const own = group.state().ownLeaf;

		return leaves(group).filter((leaf) => leaf !== own);
	}

	removes(group: Group): number[] {
		const now = this.#clock.now();

		return this.#others(group).filter((leaf) =>
		    this.#removableAt(leaf) <= now);
	}

	/* When a leaf becomes one that is to be removed. */
	nextChange(group: Group): number {
		const now = this.#clock.now();

		return Math.min(Infinity, ...this.#others(group)
		    .map((leaf) => this.#removableAt(leaf))
		    .filter((at) => at > now));
	}

	/* Since when something is pending; undefined: nothing is. */
	since(removes: number[]): number | undefined {
		if (this.#adds.size === 0 && removes.length === 0)
			this.#since = undefined;
		else
			this.#since ??= this.#clock.now();
		return this.#since;
	}

	/* What is still pending waits for its turn again. */
	postpone(): void {
		this.#since = undefined;
	}

	/* A commit took effect; true: it added somebody. */
	applied(changes: Change[]): boolean {
		let hasAdded = false;

		this.#since = undefined;
		for (const { type, leaf } of changes) {
			if (type !== ProposalType.Remove)
				continue;
			this.#bound.delete(leaf);
			this.#replaced.delete(leaf);
		}
		for (const { type, leaf, member } of changes) {
			if (type !== ProposalType.Add || !member)
				continue;
			hasAdded = true;
			this.#bound.delete(leaf);
			this.#addedAt.set(leaf, this.#clock.now());
			for (const [participant, keyPackage] of this.#adds)
				if (bytesInclude(keyPackage,
				    member.signatureKey))
					this.#adds.delete(participant);
		}
		return hasAdded;
	}
}
