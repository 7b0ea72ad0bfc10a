/*
 * meeting.ts - what follows from a meeting's secret; the C code is in
 * firmware/meeting.  The PSK and the wrapping key never leave the core.
 */

import { Op } from "./ops.js";
import { Writer, type Reader } from "./bytes.js";
import type { Client, Group } from "./core.js";
import { Core, Thing } from "./module.js";

/* What is wrapped (docs/protocol.md, "Wrapped messages"). */
export enum Kind {
	KeyPackage = 1, Welcome, GroupInfo, Handshake, Application,
}

export class Meeting extends Thing {
	readonly token: Uint8Array; /* a secret: for the forwarder alone */
	readonly pskId: Uint8Array;

	private constructor(core: Core, r: Reader) {
		const token = r.vec();
		const pskId = r.vec();

		super(core, r.u32());
		this.token = token;
		this.pskId = pskId;
	}

	/* The caller wipes its own copy of the secret. */
	static open(core: Core, id: Uint8Array, secret: Uint8Array): Meeting {
		return new Meeting(core, core.call(Op.meeting_new,
		    new Writer().vec(id).vec(secret)));
	}

	/* Lets the client's groups use the meeting's PSK. */
	admit(client: Client): void {
		this.ask(Op.meeting_admit, (w) => w.u32(client.handle));
	}

	wrap(kind: Kind, message: Uint8Array): Uint8Array {
		return this.ask(Op.meeting_wrap,
		    (w) => w.u8(kind).vec(message)).vec();
	}

	unwrap(wrapped: Uint8Array): { kind: Kind; message: Uint8Array } {
		const r = this.ask(Op.meeting_unwrap, (w) => w.vec(wrapped));

		return { kind: r.u8(), message: r.vec() };
	}
}

/* 30 digits in groups of 5, the same for all members of an epoch. */
export function securityCode(group: Group): string {
	return group.core.call(Op.meeting_code,
	    new Writer().u32(group.handle)).text();
}
