/* linewords.ts - telephone lines in plain words. */

import type { LineView } from "../meeting/lines.js";
import type { Person } from "../meeting/view.js";
import type { Language, Say } from "./texts.js";

const namesMax = 3; /* in one sentence */

/* Whom people know: the box for its lines, and who is a guest as one. */
function nameOf(say: Say, leaf: number, people: readonly Person[]): string {
	const person = people.find((p) => p.leaf === leaf);

	if (!person)
		return "?";
	return person.linesOf ?? (person.verified ? person.name :
	    say("guestNamed", { name: person.name }));
}

/* How many lines there are, and where their protection ends; undefined: none. */
export function linesSentence(say: Say, language: Language,
    lines: readonly LineView[], people: readonly Person[])
    : string | undefined {
	if (lines.length === 0)
		return undefined;
	const names = [...new Set(lines.map(({ leaf }) =>
	    nameOf(say, leaf, people)))];
	const more = names.length - namesMax;
	const list = more <= 0 ? names : [...names.slice(0, namesMax),
		say("linesMore", { n: more })];
	const where = new Intl.ListFormat(language).format(list);

	return say(lines.length === 1 ? "linesOne" : "linesMany",
	    { n: lines.length, where });
}

/* What only the caller says is told as that; it is kept apart from our words,
 * whichever way it is written (Unicode, UAX 9: isolates). */
export function lineName(say: Say, line: LineView): string {
	if (!line.label)
		return say("lineUnknown");
	return line.origin === "caller" ?
	    say("lineClaimed", { name: `\u2068${line.label}\u2069` }) :
	    line.label;
}

/* Who waits to be let in; undefined: nobody. */
export function waitingSentence(say: Say, language: Language,
    waiting: readonly LineView[]): string | undefined {
	const more = waiting.length - namesMax;
	const names = waiting.slice(0, more > 0 ? namesMax : undefined)
	    .map((line) => lineName(say, line));

	if (waiting.length === 0)
		return undefined;
	if (more > 0)
		names.push(say("waitMore", { n: more }));
	return say(waiting.length === 1 ? "waitOne" : "waitMany", {
		n: waiting.length,
		names: new Intl.ListFormat(language).format(names) });
}

/* In this browser's time; with the day where it is not today's. */
export function lineSince(say: Say, language: Language, line: LineView,
    now = new Date()): string {
	const { since } = line;

	if (!since)
		return "";
	const day = since.toDateString() === now.toDateString() ? {} :
	    { day: "numeric", month: "short" } as const;

	return say("lineSince", { time: new Intl.DateTimeFormat(language,
	    { hour: "2-digit", minute: "2-digit", ...day }).format(since) });
}

/* How a member is called where it is shown. */
export function personName(say: Say, person: Person): string {
	return person.linesOf === undefined ? person.name :
	    say("linesOf", { name: person.linesOf });
}

export function lineCount(say: Say, count: number): string {
	return say(count === 1 ? "lineCountOne" : "lineCountMany",
	    { n: count });
}
