/* members.ts - who the members of a group are, and what a commit may do. */

import { CoreError, ProposalType, conferenceCheck, conferenceOf, type Client,
	type Group, type Meeting, type Member, type Staged }
	from "../core/core.js";
import { bytesEqual } from "./base64.js";

const nameMaxBytes = 255;

export interface Who {
	name: string;
	verified: boolean; /* by the site's CA; else a guest's own words */
}

/* docs/protocol.md: UTF-8 without control characters; text directions could
 * dress up one name as another. */
export function isName(name: string): boolean {
	const bytes = new TextEncoder().encode(name).length;

	return bytes > 0 && bytes <= nameMaxBytes &&
	    !/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
	    .test(name) && name.isWellFormed();
}

/* null: a name that nobody may have. */
export function whoIs(client: Client, member: Member): Who | null {
	const credential = member.credential;
	let name: string;

	try {
		if (credential.type === "x509")
			return { name: client.subject(credential.certs).name,
				verified: true };
		name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
		    .decode(credential.identity);
	} catch {
		return null;
	}
	return isName(name) ? { name, verified: false } : null;
}

/* docs/protocol.md, "The meeting's secret": a box's telephone lines are a member
 * of their own, with a certificate of the site.  Whose they are, or undefined:
 * guests may call themselves what they like. */
export function linesOf({ name, verified }: Who): string | undefined {
	const words = "Lines of ";

	return verified && name.startsWith(words) && name.length > words.length ?
	    name.slice(words.length) : undefined;
}

/* The leaves of a group. */
export function leaves(group: Group): number[] {
	const found: number[] = [];
	const { leafEnd } = group.state();

	for (let leaf = 0; leaf < leafEnd; leaf++)
		if (memberAt(group, leaf))
			found.push(leaf);
	return found;
}

export function memberAt(group: Group, leaf: number): Member | null {
	try {
		return group.member(leaf);
	} catch (error) {
		if (error instanceof CoreError && error.name === "KK_ENOENT")
			return null;
		throw error;
	}
}

/* What the key core lets pass and a meeting does not. */
export class PolicyError extends Error {
	constructor(text: string) {
		super(text);
		this.name = "PolicyError";
	}
}

/* Where the state is not to be read, or not to be changed like that. */
function stateTry(check: () => void): void {
	try {
		check();
	} catch (error) {
		if (error instanceof CoreError && error.name !== "KK_ENOMEM")
			throw new PolicyError(`the state: ${error.name}`);
		throw error;
	}
}

/* The rules for commits, ours included; throws PolicyError. */
export function checkCommit(client: Client, meeting: Meeting, group: Group,
    staged: Staged): void {
	const changes = staged.changes();
	const has = (type: ProposalType) =>
	    changes.some((change) => change.type === type);
	const hasPsk = changes.some((change) =>
	    change.type === ProposalType.Psk &&
	    bytesEqual(change.pskId, meeting.pskId));

	if (has(ProposalType.ReInit))
		throw new PolicyError("a meeting stays what it is");
	if ((has(ProposalType.Add) || has(ProposalType.ExternalInit)) &&
	    !hasPsk)
		throw new PolicyError("who comes in must know the secret");
	for (const { type, member } of changes)
		if (member && type !== ProposalType.Remove &&
		    !whoIs(client, member))
			throw new PolicyError("a name that nobody may have");
	stateTry(() => conferenceCheck(group, staged));
}

/* Is the group that a welcome leads to the meeting's? */
export function checkGroup(client: Client, group: Group, id: Uint8Array,
    suite: number): void {
	const state = group.state();

	if (!bytesEqual(state.id, id) || state.suite !== suite)
		throw new PolicyError("another group than the meeting's");
	for (const leaf of leaves(group))
		if (!whoIs(client, group.member(leaf)))
			throw new PolicyError("a name that nobody may have");
	stateTry(() => void conferenceOf(group));
}
