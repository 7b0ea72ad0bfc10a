/*
 * keyframes.ts - when a slot needs a key frame, since a frame of it could not
 * be opened, and what follows lacks that one.
 *
 * A newcomer gets frames before their key.  Asking at once would bring a frame
 * that cannot be opened either, and hold up the next asking, which is rate
 * limited all the way to the camera.  So it is asked for when frames open again.
 */

import type { Clock } from "./clock.js";

export const keyFrameMs = 500; /* between two requests */

/* Of VP8 (RFC 6386, 9.1: the lowest bit is 0 in a key frame). */
export const isVp8Key = (frame: Uint8Array): boolean =>
    frame.length > 0 && (frame[0]! & 1) === 0;

export class KeyFrames {
	readonly #clock: Clock;
	readonly #ask: () => void;
	#isBroken = false;
	#askedAt = -Infinity;

	constructor(clock: Clock, ask: () => void) {
		this.#clock = clock;
		this.#ask = ask;
	}

	refused(): void {
		this.#isBroken = true;
		this.#askedAt = -Infinity;
	}

	opened(isKey: boolean): void {
		const now = this.#clock.now();

		if (isKey)
			this.#isBroken = false;
		if (!this.#isBroken || now - this.#askedAt < keyFrameMs)
			return;
		this.#askedAt = now;
		this.#ask();
	}
}
