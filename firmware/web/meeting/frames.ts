/*
 * frames.ts - what the worker does with frames: epochs' keys, sealing, opening.
 *
 * Nothing leaves unsealed: without keys a frame is dropped.  Nothing comes in
 * under a wrong name: a slot shows the one leaf and stream that it was told.
 */

import type { Clock } from "./clock.js";
import { FrameKey, Replay, headerRead, kidMake, kidSplit, layersMax,
	leavesMax, sealedMinBytes, vp8ClearBytes } from "./sframe.js";

export type MediaKind = "audio" | "video";
/* How frames are coded: "video" is VP8. */
export type Coding = MediaKind | "vp9";
export enum Stream { Microphone, Camera, Screen }

/* The keys of an epoch, as the main thread hands them over. */
export interface Epoch {
	epoch: number;
	ownLeaf: number;
	members: number[]; /* leaves */
	key: CryptoKey; /* of importBaseKey() */
}

export const limits = {
	retireMs: 10_000, /* old keys live on for late frames */
	framesOfKey: 2 ** 32, /* far below what AES-GCM allows */
	keys: 8192,
	ahead: 8, /* epochs that a frame may be early */
	waitMs: 700, /* for its epoch */
	waiting: 64, /* frames at a time */
};

export interface Stats {
	sealed: number;
	unsealed: number; /* had no key, or no frame: not sent */
	/* opened frames by "leaf/stream" */
	opened: Record<string, number>;
	dropped: { malformed: number; unknown: number; replayed: number;
		forged: number; misplaced: number };
}

/* How much of a frame stays clear; -1: not a frame of this coding. */
export function clearBytes(coding: Coding, frame: Uint8Array): number {
	return coding === "video" ? vp8ClearBytes(frame) : 0;
}

/* Our own sending: each stream's counter, under the newest epoch. */
export class Sealer {
	#epoch: Epoch | undefined;
	#newest = -1;
	/* By stream and layer. */
	#streams = new Map<number, { kid: bigint; ctr: number;
	    key: Promise<FrameKey> }>();

	/* An epoch never comes back: its counters would start again. */
	begin(epoch: Epoch): void {
		if (epoch.epoch <= this.#newest ||
		    epoch.ownLeaf >= leavesMax)
			return;
		this.end();
		this.#newest = epoch.epoch;
		this.#epoch = epoch;
	}

	/* Forgets all; whoever comes back does so into an epoch of its own,
	 * since a commit had to let it in. */
	forget(): void {
		this.end();
		this.#newest = -1;
	}

	end(): void {
		for (const { key } of this.#streams.values())
			key.then((k) => k.wipe(), () => {});
		this.#streams.clear();
		this.#epoch = undefined;
	}

	#stream(stream: Stream, layer: number) {
		const context = stream * layersMax + layer;
		const known = this.#streams.get(context);
		const epoch = this.#epoch;

		if (known || !epoch)
			return known;
		const kid = kidMake({ epoch: epoch.epoch, leaf: epoch.ownLeaf,
			layer, stream });
		const made = { kid, ctr: 0,
			key: FrameKey.derive(epoch.key, kid, "encrypt") };

		made.key.catch(() => {}); /* seen by seal() */
		this.#streams.set(context, made);
		return made;
	}

	/* null: no keys, or used up; the frame must not be sent. */
	async seal(stream: Stream, frame: Uint8Array, clear: number, layer = 0)
	    : Promise<Uint8Array | null> {
		const s = layer < layersMax ? this.#stream(stream, layer) :
		    undefined;

		if (!s || s.ctr >= limits.framesOfKey)
			return null;
		const ctr = BigInt(s.ctr++); /* taken, whatever happens */
		return (await s.key).seal(s.kid, ctr, frame, clear);
	}
}

interface RxKey {
	key: FrameKey;
	replay: Replay;
}

interface RxEpoch {
	epoch: Epoch;
	members: Set<number>;
	keys: Map<bigint, RxKey>;
	endsAt: number;
}

export type Refusal = "malformed" | "unknown" | "early" | "replayed" |
    "forged";
export type Opened =
    | { frame: Uint8Array; leaf: number; stream: number }
    | { refusal: Refusal };

/* Everybody's frames, under all epochs that live. */
export class Opener {
	readonly #clock: Clock;
	readonly #epochs = new Map<number, RxEpoch>(); /* by low 8 bits */
	#newest = -1;
	#keyCount = 0;
	#waiters = new Set<() => void>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	add(epoch: Epoch): void {
		if (epoch.epoch <= this.#newest)
			return;
		const endsAt = this.#clock.now() + limits.retireMs;

		for (const old of this.#epochs.values())
			old.endsAt = Math.min(old.endsAt, endsAt);
		this.#clock.after(limits.retireMs, () => this.expire());
		this.#drop(epoch.epoch & 0xff);
		this.#newest = epoch.epoch;
		/* A frame of our own that comes back is not opened. */
		this.#epochs.set(epoch.epoch & 0xff, { epoch, keys: new Map(),
			members: new Set(epoch.members.filter((leaf) =>
			    leaf !== epoch.ownLeaf)), endsAt: Infinity });
		for (const wake of [...this.#waiters])
			wake();
	}

	expire(): void {
		for (const [low, epoch] of this.#epochs)
			if (epoch.endsAt <= this.#clock.now())
				this.#drop(low);
	}

	forget(): void {
		for (const low of [...this.#epochs.keys()])
			this.#drop(low);
		this.#newest = -1;
	}

	get epochs(): number[] {
		return [...this.#epochs.values()].map((e) => e.epoch.epoch);
	}

	#drop(low: number): void {
		const epoch = this.#epochs.get(low);

		if (!epoch)
			return;
		for (const { key } of epoch.keys.values())
			key.wipe();
		this.#keyCount -= epoch.keys.size;
		this.#epochs.delete(low);
	}

	async #key(epoch: RxEpoch, kid: bigint): Promise<RxKey> {
		return epoch.keys.get(kid) ?? { replay: new Replay(),
			key: await FrameKey.derive(epoch.epoch.key, kid,
			    "decrypt") };
	}

	/* Only authentic frames leave a key behind and move a window. */
	#accept(epoch: RxEpoch, kid: bigint, key: RxKey, ctr: number): boolean {
		const known = epoch.keys.get(kid);

		/* Another frame of this KID may have been quicker. */
		if (!(known ?? key).replay.isFresh(ctr))
			return false;
		if (!known && this.#epochs.get(epoch.epoch.epoch & 0xff) ===
		    epoch && this.#keyCount < limits.keys) {
			epoch.keys.set(kid, key);
			this.#keyCount++;
		}
		(known ?? key).replay.mark(ctr);
		return true;
	}

	async open(sealed: Uint8Array, clear: number): Promise<Opened> {
		const header = clear < 0 || clear > sealed.length ? null :
		    headerRead(sealed.subarray(clear));

		if (!header || sealed.length - clear < sealedMinBytes ||
		    header.ctr > BigInt(Number.MAX_SAFE_INTEGER))
			return { refusal: "malformed" };
		const kid = kidSplit(header.kid);
		const epoch = kid ? this.#epochs.get(kid.epoch) : undefined;

		if (kid && !epoch && this.#isEarly(kid.epoch))
			return { refusal: "early" };
		if (!kid || !epoch || !epoch.members.has(kid.leaf))
			return { refusal: "unknown" };
		const key = await this.#key(epoch, header.kid);
		const ctr = Number(header.ctr);
		let frame: Uint8Array;

		if (!key.replay.isFresh(ctr))
			return { refusal: "replayed" };
		try {
			frame = await key.key.open(header, sealed, clear);
		} catch {
			return { refusal: "forged" };
		}
		if (!this.#accept(epoch, header.kid, key, ctr))
			return { refusal: "replayed" };
		return { frame, leaf: kid.leaf, stream: kid.stream };
	}

	/* An epoch that may come, rather than one that has gone. */
	#isEarly(low: number): boolean {
		const ahead = low - this.#newest & 0xff;

		return this.#newest < 0 || (ahead > 0 && ahead <= limits.ahead);
	}

	/* Waits a while for the epoch of an early frame. */
	async openOrWait(sealed: Uint8Array, clear: number): Promise<Opened> {
		const until = this.#clock.now() + limits.waitMs;

		for (;;) {
			const opened = await this.open(sealed, clear);
			const left = until - this.#clock.now();

			if (!("refusal" in opened) ||
			    opened.refusal !== "early")
				return opened;
			if (left <= 0 || this.#waiters.size >= limits.waiting)
				return { refusal: "unknown" };
			await this.#next(left);
		}
	}

	async #next(ms: number): Promise<void> {
		await new Promise<void>((resolve) => {
			const wake = () => {
				timer.cancel();
				this.#waiters.delete(wake);
				resolve();
			};
			const timer = this.#clock.after(ms, wake);

			this.#waiters.add(wake);
		});
	}
}

/* Who is in a slot since when: for the tile that shows it. */
export interface SlotSender {
	slot: number;
	leaf: number;
	timestamp: number; /* RTP's, of the first frame */
}

export class Frames {
	readonly sealer = new Sealer();
	readonly opener: Opener;
	readonly stats: Stats = { sealed: 0, unsealed: 0, opened: {},
		dropped: { malformed: 0, unknown: 0, replayed: 0, forged: 0,
			misplaced: 0 } };
	readonly #slots = new Map<number, { leaf: number; stream: Stream;
	    isShown: boolean }>();
	readonly #shown: (sender: SlotSender) => void;

	constructor(clock: Clock, shown: (sender: SlotSender) => void) {
		this.opener = new Opener(clock);
		this.#shown = shown;
	}

	begin(epoch: Epoch): void {
		this.sealer.begin(epoch);
		this.opener.add(epoch);
	}

	forget(): void {
		this.sealer.forget();
		this.opener.forget();
		this.#slots.clear();
	}

	/* Whose frames a slot takes from now on; nobody's without a leaf. */
	expect(slot: number, leaf: number | null, stream: Stream): void {
		const now = this.#slots.get(slot);

		if (leaf === null)
			this.#slots.delete(slot);
		else if (now?.leaf !== leaf || now.stream !== stream)
			this.#slots.set(slot, { leaf, stream,
				isShown: false });
	}

	/* null: not to be sent.  Encodings of one stream have a layer each. */
	async send(coding: Coding, stream: Stream, frame: Uint8Array,
	    layer = 0): Promise<Uint8Array | null> {
		const clear = clearBytes(coding, frame);
		const sealed = frame.length === 0 || clear < 0 ? null :
		    await this.sealer.seal(stream, frame, clear, layer);

		if (sealed)
			this.stats.sealed++;
		else
			this.stats.unsealed++;
		return sealed;
	}

	/* null: not to be shown or heard. */
	async receive(coding: Coding, slot: number, sealed: Uint8Array,
	    timestamp: number): Promise<Uint8Array | null> {
		/* Chromium makes some of these; they are nobody's. */
		if (sealed.length === 0)
			return null;
		const opened = await this.opener.openOrWait(sealed,
		    clearBytes(coding, sealed));

		if ("refusal" in opened) {
			this.stats.dropped[opened.refusal === "early" ?
			    "unknown" : opened.refusal]++;
			return null;
		}
		const now = this.#slots.get(slot);

		if (now?.leaf !== opened.leaf || now.stream !== opened.stream) {
			this.stats.dropped.misplaced++;
			return null;
		}
		if (!now.isShown)
			this.#shown({ slot, leaf: now.leaf, timestamp });
		now.isShown = true;
		const name = `${opened.leaf}/${opened.stream}`;

		this.stats.opened[name] = (this.stats.opened[name] ?? 0) + 1;
		return opened.frame;
	}
}
