/*
 * lines.ts - what people are shown of the conference's state, and what its hosts
 * may wish: telephone lines, lock, label.
 */

import type { Conference, Line, LineOrigin, LineTransport }
	from "../core/core.js";
import type { Wish } from "./turns.js";

export interface LineView {
	key: string; /* of this line alone */
	leaf: number;
	id: string;
	label: string;
	origin: LineOrigin; /* whose word the label is */
	since: Date | undefined; /* where its member says a time */
	transport: LineTransport;
	isMuted: boolean; /* by its caller */
	isMutedByHost: boolean;
	hasHandUp: boolean;
}

export interface ConferenceView {
	lines: LineView[]; /* that hear and are heard */
	waiting: LineView[]; /* for a host to let them in */
	hosts: number[]; /* their leaves */
	isLocked: boolean;
	forbidsLines: boolean;
	label: string;
	isHost: boolean; /* this page's member */
}

const timeMaxMs = 8.64e15; /* ECMA-262, 21.4.1.1 */

function lineView({ sinceMs, waits: _, ...line }: Line): LineView {
	const since = Number(sinceMs);

	return { ...line, key: `${line.leaf} ${line.id}`,
		since: since <= timeMaxMs ? new Date(since) : undefined };
}

export function conferenceView(state: Conference | undefined, isHost: boolean)
    : ConferenceView {
	const lines = state?.lines ?? [];

	return { lines: lines.filter((line) => !line.waits).map(lineView),
		waiting: lines.filter((line) => line.waits).map(lineView),
		hosts: state?.hosts ?? [], isHost,
		isLocked: state?.isLocked ?? false,
		forbidsLines: state?.forbidsLines ?? false,
		label: state?.label ?? "" };
}

type Which = { leaf: number; id: string };

const isIt = (which: Which) => (line: Line) =>
    line.leaf === which.leaf && line.id === which.id;

export function lineMute(which: Which, isMutedByHost: boolean): Wish {
	return (now) => ({ ...now, lines: now.lines.map((line) =>
	    isIt(which)(line) ? { ...line, isMutedByHost } : line) });
}

export function lineRemove(which: Which): Wish {
	return (now) => ({ ...now, lines: now.lines.filter((line) =>
	    !isIt(which)(line)) });
}

/* Where they are forbidden, none stays. */
export function linesAllow(isAllowed: boolean): Wish {
	return (now) => ({ ...now, forbidsLines: !isAllowed,
		lines: isAllowed ? now.lines : [] });
}

/* Those who are named: who comes later was not meant. */
export function linesAdmit(all: readonly Which[]): Wish {
	return (now) => ({ ...now, lines: now.lines.map((line) =>
	    all.some((which) => isIt(which)(line)) ?
		{ ...line, waits: false } : line) });
}

/* Who waits is let in where the meeting is opened. */
export function lock(isLocked: boolean): Wish {
	return (now) => ({ ...now, isLocked, lines: isLocked ? now.lines :
	    now.lines.map((line) => ({ ...line, waits: false })) });
}

/* mayLinesStay: the site allows lines under this label. */
export function labelSet(label: string, mayLinesStay: boolean): Wish {
	return (now) => ({ ...(mayLinesStay ? now : linesAllow(false)(now)),
		label });
}

const hostsMax = 64; /* firmware/conference */

/* The last one stays. */
export function hostSet(leaf: number, isHost: boolean): Wish {
	return (now) => {
		const others = now.hosts.filter((host) => host !== leaf);
		const hosts = isHost ? [...others, leaf] : others;

		return hosts.length === 0 || hosts.length > hostsMax ? now :
		    { ...now, hosts: hosts.sort((a, b) => a - b) };
	};
}
