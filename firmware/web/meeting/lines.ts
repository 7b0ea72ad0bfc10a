/*
 * lines.ts - what people are shown of the conference's state, and what its hosts
 * may wish: telephone lines, lock, label.
 */

import type { Conference, Line, LineTransport } from "../core/core.js";
import type { Wish } from "./turns.js";

export interface LineView {
	key: string; /* of this line alone */
	leaf: number;
	id: string;
	label: string;
	since: Date | undefined; /* where its member says a time */
	transport: LineTransport;
	isMuted: boolean; /* by its caller */
	isMutedByHost: boolean;
	hasHandUp: boolean;
}

export interface ConferenceView {
	lines: LineView[];
	isLocked: boolean;
	forbidsLines: boolean;
	label: string;
	isHost: boolean; /* this page's member */
}

const timeMaxMs = 8.64e15; /* ECMA-262, 21.4.1.1 */

function lineView({ sinceMs, ...line }: Line): LineView {
	const since = Number(sinceMs);

	return { ...line, key: `${line.leaf} ${line.id}`,
		since: since <= timeMaxMs ? new Date(since) : undefined };
}

export function conferenceView(state: Conference | undefined, isHost: boolean)
    : ConferenceView {
	return { lines: state?.lines.map(lineView) ?? [], isHost,
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

export function lock(isLocked: boolean): Wish {
	return (now) => ({ ...now, isLocked });
}
