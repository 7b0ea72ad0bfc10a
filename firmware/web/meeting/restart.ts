/*
 * restart.ts - when a transport that was up looks for another way (RFC 8445, 9),
 * and when that was in vain.
 *
 * A browser says "disconnected" when checks are not answered for a while, which
 * often mends itself, and "failed" when it has given up.
 */

import { Alarm, type Clock } from "./clock.js";

export const restartTimes = {
	afterMs: 3_000, /* "disconnected" for so long */
	forMs: 10_000, /* a new way is waited for */
};

export class Restart {
	readonly #clock: Clock;
	readonly #alarm: Alarm;
	readonly #begin: () => Promise<void>;
	readonly #failed: () => void;
	#wasUp = false;
	#isTrying = false;
	#isOver = false;

	/* begin asks for the restart and does it; failed is called once. */
	constructor(clock: Clock, begin: () => Promise<void>,
	    failed: () => void) {
		this.#clock = clock;
		this.#alarm = new Alarm(clock);
		this.#begin = begin;
		this.#failed = failed;
	}

	/* The transport's state, as RTCPeerConnection.connectionState has it. */
	state(state: string): void {
		if (this.#isOver)
			return;
		if (state === "connected") {
			this.#wasUp = true;
			this.#isTrying = false;
			this.#alarm.clear();
		} else if (state === "failed" && !this.#wasUp) {
			this.#fail(); /* there never was a way */
		} else if (this.#isTrying) {
			return; /* of the old way */
		} else if (state === "failed") {
			this.#try();
		} else if (state === "disconnected") {
			this.#alarm.set(this.#clock.now() + restartTimes.afterMs,
			    () => this.#try());
		}
	}

	close(): void {
		this.#isOver = true;
		this.#alarm.clear();
	}

	#try(): void {
		this.#isTrying = true;
		this.#alarm.set(this.#clock.now() + restartTimes.forMs,
		    () => this.#fail());
		this.#begin().catch(() => this.#fail());
	}

	#fail(): void {
		if (this.#isOver)
			return;
		this.close();
		this.#failed();
	}
}
