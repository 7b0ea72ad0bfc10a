/*
 * conference.ts - what all members agree on beside the keys: hosts, lock, label,
 * telephone lines; the C code is in firmware/conference, where the rules are.
 * It stands in the group's context, so that no server can add, hide or alter it.
 */

import { Op } from "./ops.js";
import { Reader, Writer } from "./bytes.js";
import type { Group, Staged } from "./core.js";

/* plain: nothing is sealed; tls: the signalling alone, to the exchange. */
export type LineTransport = "plain" | "tls" | "srtp";
const transports: LineTransport[] = ["plain", "tls", "srtp"];

/* Whose word a label is.  caller: of who calls, and nobody has checked it;
 * exchange: a number as the site's exchange tells it, or that was called;
 * account: the name of a telephone of the site's that has proved it. */
export type LineOrigin = "caller" | "exchange" | "account";

export interface Line {
	leaf: number; /* the member behind which it is */
	id: string; /* in hex */
	label: string; /* who calls; often a number */
	origin: LineOrigin;
	sinceMs: bigint; /* of 1970, or whatever its member says */
	transport: LineTransport;
	waits: boolean; /* for a host to let it in */
	isMuted: boolean;
	isMutedByHost: boolean;
	hasHandUp: boolean;
}

/* The core has checked order, sizes and texts. */
export interface Conference {
	isLocked: boolean;
	forbidsLines: boolean;
	label: string;
	hosts: number[];
	lines: Line[];
}

const version = 1;
const idBytes = 8;
enum Flag { Locked = 1, NoLines = 2 }
enum LineFlag { Muted = 1, MutedByHost = 2, HandUp = 4, Waits = 8,
	Exchange = 16, Account = 32 }

function readId(r: Reader): string {
	let id = "";

	for (let i = 0; i < idBytes; i++)
		id += r.u8().toString(16).padStart(2, "0");
	return id;
}

function readLine(r: Reader): Line {
	const leaf = r.u32();
	const id = readId(r);
	const label = r.text();
	const sinceMs = r.u64();
	const transport = transports[r.u8() - 1];
	const flags = r.u8();

	if (!transport)
		throw new RangeError("the core's answer is malformed");
	return { leaf, id, label, sinceMs, transport,
		origin: flags & LineFlag.Account ? "account" :
		    flags & LineFlag.Exchange ? "exchange" : "caller",
		waits: (flags & LineFlag.Waits) !== 0,
		isMuted: (flags & LineFlag.Muted) !== 0,
		isMutedByHost: (flags & LineFlag.MutedByHost) !== 0,
		hasHandUp: (flags & LineFlag.HandUp) !== 0 };
}

function readAll<T>(bytes: Uint8Array, read: (r: Reader) => T): T[] {
	const r = new Reader(bytes);
	const all: T[] = [];

	while (r.hasMore)
		all.push(read(r));
	return all;
}

/* Of a group without state, what an empty one says.  Throws CoreError where it
 * is not what firmware/conference reads. */
export function conferenceOf(group: Group): Conference {
	const r = new Reader(group.core.call(Op.group_conference,
	    new Writer().u32(group.handle)).vec());

	r.u8(); /* the version: the core knows no other */
	const flags = r.u8();
	return { isLocked: (flags & Flag.Locked) !== 0,
		forbidsLines: (flags & Flag.NoLines) !== 0, label: r.text(),
		hosts: readAll(r.vec(), (inner) => inner.u32()),
		lines: readAll(r.vec(), readLine) };
}

function writeLine(w: Writer, line: Line): void {
	w.u32(line.leaf);
	for (let i = 0; i < idBytes; i++)
		w.u8(parseInt(line.id.slice(2 * i, 2 * i + 2), 16));
	w.text(line.label).u64(line.sinceMs);
	w.u8(transports.indexOf(line.transport) + 1);
	w.u8((line.isMuted ? LineFlag.Muted : 0) |
	    (line.isMutedByHost ? LineFlag.MutedByHost : 0) |
	    (line.hasHandUp ? LineFlag.HandUp : 0) |
	    (line.waits ? LineFlag.Waits : 0) |
	    (line.origin === "account" ? LineFlag.Account :
		line.origin === "exchange" ? LineFlag.Exchange : 0));
}

export function conferenceWrite(c: Conference): Uint8Array {
	const hosts = new Writer(), lines = new Writer();

	for (const leaf of c.hosts)
		hosts.u32(leaf);
	for (const line of c.lines)
		writeLine(lines, line);
	return new Writer().u8(version)
	    .u8((c.isLocked ? Flag.Locked : 0) |
		(c.forbidsLines ? Flag.NoLines : 0))
	    .text(c.label).vec(hosts.bytes).vec(lines.bytes).bytes;
}

/* For a commit: the group's extensions with this state.  Throws CoreError for
 * one that nobody would read. */
export function conferenceExtensions(group: Group, next: Conference)
    : Uint8Array {
	return group.core.call(Op.group_conference_put, new Writer()
	    .u32(group.handle).vec(conferenceWrite(next))).vec();
}

/* Who may change what: throws CoreError KK_EDENIED, and for a state that
 * cannot be read what conferenceOf() throws. */
export function conferenceCheck(group: Group, staged: Staged): void {
	group.core.call(Op.group_conference_check, new Writer()
	    .u32(group.handle).u32(staged.handle));
}

/* What was there of members that are gone, taken out. */
export function withoutLeaves(c: Conference, gone: number[]): Conference {
	return { ...c, hosts: c.hosts.filter((leaf) => !gone.includes(leaf)),
		lines: c.lines.filter(({ leaf }) => !gone.includes(leaf)) };
}

export function isSameConference(a: Conference, b: Conference): boolean {
	const [x, y] = [conferenceWrite(a), conferenceWrite(b)];

	return x.length === y.length && x.every((byte, i) => byte === y[i]);
}
