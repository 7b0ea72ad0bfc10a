/* types.ts - what goes in and comes out, in JavaScript's terms. */

import { Reader, Writer } from "./bytes.js";

/* Signature schemes of the product's suites (RFC 8446, 4.2.3). */
export enum Scheme { EcdsaP256 = 0x0403, EcdsaP384 = 0x0503 }
/* Cipher suites (RFC 9420, 17.1). */
export enum Suite { P256 = 2, P384 = 7 }
export const schemeOf: Record<Suite, Scheme> = {
	[Suite.P256]: Scheme.EcdsaP256,
	[Suite.P384]: Scheme.EcdsaP384,
};

export type Credential =
    | { type: "basic"; identity: Uint8Array }
    | { type: "x509"; certs: Uint8Array[] }; /* DER, end entity first */

export interface Member {
	signatureKey: Uint8Array;
	encryptionKey: Uint8Array;
	credential: Credential;
	extensions: Uint8Array;
}

export type Wire = "private" | "public";
export type SenderType = "member" | "external" | "new-member-proposal" |
    "new-member-commit";
const senderTypes: SenderType[] = ["member", "external",
    "new-member-proposal", "new-member-commit"];

export interface Sender {
	type: SenderType;
	index: number; /* a leaf, or a place in external_senders */
}

export enum ProposalType {
	Add = 1, Update, Remove, Psk, ReInit, ExternalInit,
	GroupContextExtensions,
}

export interface Change {
	type: number; /* ProposalType, or another that is registered */
	proposer: Sender;
	leaf: number; /* of add, update, remove */
	pskId: Uint8Array;
	member?: Member; /* add, update: the new one; remove: the old one */
}

/* A PSK known outside of the group (client.setPsk), or of an earlier epoch. */
export type PskWant =
    | { type: "external"; id: Uint8Array }
    | { type: "resumption"; groupId: Uint8Array; epoch: bigint };

export interface ReInit {
	groupId: Uint8Array;
	suite: Suite;
	extensions?: Uint8Array;
}

export interface CommitSpec {
	wire?: Wire;
	leaveProposalsOut?: boolean;
	omitPath?: boolean;
	treeApart?: boolean; /* leave the tree out of the welcome */
	adds?: Uint8Array[]; /* key package messages */
	removes?: number[]; /* leaves */
	psks?: PskWant[];
	extensions?: Uint8Array; /* new ones, the inside of the vector */
	reinit?: ReInit;
	authenticatedData?: Uint8Array;
	now?: number;
}

export function writeCredential(w: Writer, c: Credential): void {
	if (c.type === "basic") {
		w.u16(1).vec(c.identity);
		return;
	}
	const inside = new Writer();
	for (const cert of c.certs)
		inside.vec(cert);
	w.u16(2).vec(inside.bytes);
}

export function writeCerts(w: Writer, certs: Uint8Array[]): void {
	const inside = new Writer();

	for (const cert of certs)
		inside.vec(cert);
	w.vec(inside.bytes);
}

function readCerts(bytes: Uint8Array): Uint8Array[] {
	const r = new Reader(bytes);
	const certs: Uint8Array[] = [];

	while (r.hasMore)
		certs.push(r.vec());
	return certs;
}

export function readMember(r: Reader): Member {
	const signatureKey = r.vec();
	const encryptionKey = r.vec();
	const type = r.u16();
	const content = r.vec();
	const extensions = r.vec();
	const credential: Credential = type === 2 ?
	    { type: "x509", certs: readCerts(content) } :
	    { type: "basic", identity: content };

	return { signatureKey, encryptionKey, credential, extensions };
}

/* Nobody where a join is staged: the commit before it is not known. */
export function readSenderOrNobody(r: Reader): Sender | undefined {
	const type = senderTypes[r.u8() - 1];
	const index = r.u32();

	return type && { type, index };
}

export function readSender(r: Reader): Sender {
	const sender = readSenderOrNobody(r);

	if (!sender)
		throw new RangeError("the core's answer is malformed");
	return sender;
}

export function readChange(r: Reader): Change {
	const type = r.u16();
	const proposer = readSender(r);
	const leaf = r.u32();
	const pskId = r.vec();
	const change: Change = { type, proposer, leaf, pskId };

	if (r.flag())
		change.member = readMember(r);
	return change;
}

export function writeWire(w: Writer, wire: Wire | undefined): Writer {
	return w.flag(wire === "public");
}

/* usage 1: application (RFC 9420, 8.4) */
export function writePsk(w: Writer, psk: PskWant): void {
	if (psk.type === "external")
		w.u8(1).vec(psk.id).u8(0).vec(undefined).u64(0);
	else
		w.u8(2).vec(undefined).u8(1).vec(psk.groupId).u64(psk.epoch);
}

export function writeReInit(w: Writer, reinit: ReInit): void {
	w.vec(reinit.groupId).u16(reinit.suite).vec(reinit.extensions);
}

export function writeCommit(w: Writer, spec: CommitSpec): void {
	const { adds = [], removes = [], psks = [] } = spec;

	writeWire(w, spec.wire).flag(spec.leaveProposalsOut);
	w.flag(spec.omitPath).flag(spec.treeApart);
	w.u16(adds.length);
	for (const keyPackage of adds)
		w.vec(keyPackage);
	w.u16(removes.length);
	for (const leaf of removes)
		w.u32(leaf);
	w.u16(psks.length);
	for (const psk of psks)
		writePsk(w, psk);
	w.flag(spec.extensions !== undefined);
	if (spec.extensions !== undefined)
		w.vec(spec.extensions);
	w.flag(spec.reinit !== undefined);
	if (spec.reinit)
		writeReInit(w, spec.reinit);
	w.vec(spec.authenticatedData);
}
