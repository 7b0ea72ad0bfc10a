/*
 * slots.ts - whose media comes into which slot.
 *
 * Who is in a slot stays there: another one's picture in it costs a key frame,
 * another voice its first syllable.  Where the slots do not suffice, the lowest
 * rank goes out for a higher one, and in a rank who was silent longest.  Who has
 * just spoken keeps the rank for a while.
 *
 * Source: docs/protocol.md, "Who is seen and heard"; as firmware/room/slots.c.
 */

import type { MediaKind } from "./frames.js";

export interface Slot {
	slot: number;
	kind: MediaKind;
}

/* What the server tells of somebody. */
export interface Published {
	participant: string;
	source: "microphone" | "camera" | "screen";
	kind: MediaKind;
}

/* ... and what its owner says, and we wish. */
export interface Source extends Published {
	isSpeaking: boolean;
	isMuted: boolean; /* its owner's microphone is off */
	beganAt: number; /* to speak */
	spokeAt: number; /* last; -Infinity: never */
	sharedAs: number; /* of screens: the newer the higher */
	isPinned: boolean;
}

export interface Watch {
	slot: number;
	participant?: string | null;
	source?: string;
	loudest?: true; /* the forwarder chooses who is in it */
	width?: number;
	height?: number;
	priority?: number;
}

/* The size of a picture on the screen, in its pixels; 0: not known. */
export interface TileSize {
	width: number;
	height: number;
}

export interface Sizes {
	tile: TileSize;
	large: TileSize; /* of the one that is shown large */
}

export const holdMs = 2_000; /* a slot is kept through a pause in speech */
const priorities = { pinned: 2, large: 1 };

export const key = (s: { participant: string; source: string }) =>
    `${s.participant}/${s.source}`;

enum Rank { Muted, Silent, Speaks, Screen, Pinned }

const speaks = (s: Source) => s.isSpeaking && !s.isMuted;

function rankOf(s: Source, isIn: boolean, at: number): Rank {
	if (s.isPinned && s.kind === "video")
		return Rank.Pinned;
	if (s.source === "screen")
		return Rank.Screen;
	if (speaks(s) || (isIn && at < s.spokeAt + holdMs))
		return Rank.Speaks;
	return s.source === "microphone" && s.isMuted ? Rank.Muted :
	    Rank.Silent;
}

/* Numbers, and infinite ones. */
const order = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0);

/* Of those that wait: below 0, where a comes first. */
function compare(a: Source, b: Source, at: number): number {
	const rank = rankOf(a, false, at);

	return rankOf(b, false, at) - rank ||
	    (rank === Rank.Screen ? order(b.sharedAs, a.sharedAs) :
		rank === Rank.Speaks ? order(a.beganAt, b.beganAt) :
		order(b.spokeAt, a.spokeAt));
}

/* Those in no slot, the first to come in first. */
function waiting(sources: Source[], kind: MediaKind,
    shown: ReadonlyMap<number, Source>, at: number): Source[] {
	const isIn = new Set([...shown.values()].map(key));

	return sources.filter((s) => s.kind === kind && !isIn.has(key(s)))
	    .sort((a, b) => compare(a, b, at));
}

/* A free slot, or that of the one that has to go. */
function placeFor(source: Source, slots: Slot[],
    shown: ReadonlyMap<number, Source>, at: number): number | undefined {
	const mine = slots.filter((slot) => slot.kind === source.kind);
	const free = mine.find(({ slot }) => !shown.has(slot));
	const rank = rankOf(source, false, at);

	if (free)
		return free.slot;
	return mine.map(({ slot }) => {
		const there = shown.get(slot)!;

		return { slot, rank: rankOf(there, true, at),
			spokeAt: there.spokeAt };
	}).filter((there) => there.rank < rank)
	    .sort((a, b) => a.rank - b.rank || order(a.spokeAt, b.spokeAt))[0]
	    ?.slot;
}

/* Whose microphones the forwarder says are in the slots of sound. */
export type Heard = ReadonlyMap<number, string>;

/* Are there more voices than can be heard? */
export const earsAreFew = (slots: Slot[], sources: Source[]): boolean => {
	const ears = slots.filter((s) => s.kind === "audio").length;

	return ears > 0 &&
	    sources.filter((s) => s.kind === "audio").length > ears;
};

/* now: what the slots show, by slot.  Gives what they are to show.  With heard,
 * those of sound are not ours to choose. */
export function slotsAssign(slots: Slot[], sources: Source[],
    now: ReadonlyMap<number, Published>, at: number, heard?: Heard)
    : Map<number, Source> {
	const there = new Map(sources.map((s) => [key(s), s]));
	const next = new Map<number, Source>();

	for (const { slot, kind } of slots) {
		const who = kind === "audio" ? heard?.get(slot) : undefined;
		const shown = kind === "audio" && heard ? who !== undefined &&
		    { participant: who, source: "microphone" } : now.get(slot);
		const same = shown && there.get(key(shown));

		if (same)
			next.set(slot, same);
	}
	/* Each one that is placed raises a slot's rank: that ends. */
	for (const kind of ["audio", "video"] as const) {
		while (kind === "video" || !heard) {
			const [first] = waiting(sources, kind, next, at);
			const place = first && placeFor(first, slots, next, at);

			if (!first || place === undefined)
				break;
			next.set(place, first);
		}
	}
	return next;
}

/* When time alone changes that: somebody waits for a slot of one who has just
 * spoken.  Infinity: never. */
export function slotsDue(sources: Source[],
    shown: ReadonlyMap<number, Source>, at: number, heard?: Heard): number {
	let due = Infinity;

	for (const there of shown.values()) {
		if (there.kind === "audio" && heard)
			continue;
		const [first] = waiting(sources, there.kind, shown, at);

		if (first && speaks(first) && !speaks(there) &&
		    at < there.spokeAt + holdMs)
			due = Math.min(due, there.spokeAt + holdMs);
	}
	return due;
}

/* What is drawn large: what is pinned, else the newest screen. */
export function largeOf(shown: ReadonlyMap<number, Source>)
    : { slot: number; source: Source } | undefined {
	return [...shown].map(([slot, source]) => ({ slot, source }))
	    .filter(({ source }) => source.kind === "video" &&
		(source.isPinned || source.source === "screen"))
	    .sort((a, b) => Number(b.source.isPinned) -
		Number(a.source.isPinned) ||
		b.source.sharedAs - a.source.sharedAs)[0];
}

/* Sound has no size, and neither has what is not drawn yet. */
export function watchesOf(slots: Slot[], shown: ReadonlyMap<number, Source>,
    sizes: Sizes, heard?: Heard): Watch[] {
	const large = largeOf(shown);

	return slots.map(({ slot, kind }) => {
		const is = shown.get(slot), isLarge = slot === large?.slot;
		const size = isLarge ? sizes.large : sizes.tile;

		if (kind === "audio" && heard)
			return { slot, loudest: true };
		if (!is)
			return { slot, participant: null, source:
			    kind === "audio" ? "microphone" : "camera" };
		return { slot, participant: is.participant, source: is.source,
			...(kind === "video" && size.width > 0 ? size : {}),
			...(isLarge ? { priority: is.isPinned ?
			    priorities.pinned : priorities.large } : {}) };
	});
}

/* What the server is to be told: of another size, too, for then it sends another
 * encoding.  told is brought up to it. */
export function watchChanges(watches: Watch[], told: Map<number, string>)
    : Watch[] {
	return watches.filter((watch) => {
		const text = watch.participant === null ? "" :
		    JSON.stringify(watch);

		if ((told.get(watch.slot) ?? "") === text)
			return false;
		told.set(watch.slot, text);
		return true;
	});
}
