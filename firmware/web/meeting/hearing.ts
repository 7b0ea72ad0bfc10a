/*
 * hearing.ts - slots of sound that are left to the forwarder, where its site
 * lets it know how loud everybody is, and there are more voices than slots.
 *
 * Source: docs/protocol.md, "Loudest".
 */

import type { Fields } from "./signal.js";
import { earsAreFew, type Slot, type Source } from "./slots.js";

export class Hearing {
	isAllowed = false; /* by the forwarder */
	/* Whose microphones it says are in which slots; undefined: we choose. */
	heard: Map<number, string> | undefined;

	/* Who is heard when that begins stays. */
	update(slots: Slot[], sources: Source[],
	    shown: ReadonlyMap<number, Source>): void {
		if (!this.isAllowed || !earsAreFew(slots, sources))
			this.heard = undefined;
		else
			this.heard ??= new Map([...shown].filter(
			    ([, { kind }]) => kind === "audio").map(
			    ([slot, { participant }]) => [slot, participant]));
	}

	/* The event, whatever is in it; of slots that are ours again it may have
	 * spoken before. */
	take(told: unknown, slots: readonly Slot[]): void {
		for (const one of Array.isArray(told) ? told : []) {
			const { slot, participant } = (one ?? {}) as Fields;

			if (!slots.some((s) => s.slot === slot))
				continue;
			if (participant === null)
				this.heard?.delete(slot as number);
			else if (typeof participant === "string")
				this.heard?.set(slot as number, participant);
		}
	}

	forget(): void {
		this.heard = undefined;
	}
}
