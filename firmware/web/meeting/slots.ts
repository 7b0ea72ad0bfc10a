/*
 * slots.ts - whose media comes into which slot.
 *
 * Who is in a slot stays there as long as possible: another one's picture in it
 * costs a key frame.  Where the slots do not suffice, who spoke last goes first.
 */

import type { MediaKind } from "./frames.js";

export interface Slot {
	slot: number;
	kind: MediaKind;
}

export interface Source {
	participant: string;
	source: "microphone" | "camera" | "screen";
	kind: MediaKind;
	spokeAt: number; /* when its owner spoke last; -Infinity: never */
}

export interface Watch {
	slot: number;
	participant: string | null;
	source: string;
	width?: number;
	height?: number;
}

/* The size of a picture on the screen, in its pixels; 0: not known. */
export interface TileSize {
	width: number;
	height: number;
}

export const key = (s: { participant: string; source: string }) =>
    `${s.participant}/${s.source}`;

/* The wanted sources, most wanted first, as many as there are slots. */
function wanted(sources: Source[], kind: MediaKind, count: number): Source[] {
	return sources.filter((s) => s.kind === kind)
	    .map((s, i) => ({ s, i }))
	    .sort((a, b) => b.s.spokeAt - a.s.spokeAt || a.i - b.i)
	    .slice(0, count).map(({ s }) => s);
}

/* now: what the slots show, by slot.  Gives what they are to show. */
export function slotsAssign(slots: Slot[], sources: Source[],
    now: ReadonlyMap<number, Source>): Map<number, Source> {
	const next = new Map<number, Source>();

	for (const kind of ["audio", "video"] as const) {
		const mine = slots.filter((slot) => slot.kind === kind);
		const want = wanted(sources, kind, mine.length);
		const left = new Map(want.map((s) => [key(s), s]));

		for (const { slot } of mine) {
			const shown = now.get(slot);
			const same = shown && left.get(key(shown));

			if (!same)
				continue;
			next.set(slot, same);
			left.delete(key(same));
		}
		for (const { slot } of mine) {
			const [name, source] = [...left][0] ?? [];

			if (next.has(slot) || name === undefined || !source)
				continue;
			next.set(slot, source);
			left.delete(name);
		}
	}
	return next;
}

/* What the server is to be told of a change; of another size of the tiles, too:
 * then it sends another encoding. */
export function slotsChanges(slots: Slot[], before: ReadonlyMap<number, Source>,
    after: ReadonlyMap<number, Source>, tile: TileSize = { width: 0, height: 0 },
    isResized = false): Watch[] {
	const changes: Watch[] = [];

	for (const { slot, kind } of slots) {
		const was = before.get(slot), is = after.get(slot);

		const hasSize = kind === "video" && is && tile.width > 0;

		if ((was && key(was)) === (is && key(is)) &&
		    !(isResized && hasSize))
			continue;
		changes.push({ slot, participant: is?.participant ?? null,
			source: is?.source ?? was?.source ??
			    (kind === "audio" ? "microphone" : "camera"),
			...(hasSize ? tile : {}) });
	}
	return changes;
}
