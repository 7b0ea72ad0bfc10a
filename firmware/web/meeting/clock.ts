/* clock.ts - time as an argument, so that a test can be the clock. */

export interface Clock {
	now(): number; /* ms, rising */
	after(ms: number, run: () => void): Timer;
}

export interface Timer {
	cancel(): void;
}

export const systemClock: Clock = {
	now: () => performance.now(),
	after(ms, run) {
		const id = setTimeout(run, ms);

		return { cancel: () => clearTimeout(id) };
	},
};

/* One timer that is set anew; the last call wins. */
export class Alarm {
	readonly #clock: Clock;
	#timer: Timer | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	set(at: number, run: () => void): void {
		this.clear();
		this.#timer = this.#clock.after(
		    Math.max(0, at - this.#clock.now()), () => {
			this.#timer = undefined;
			run();
		});
	}

	clear(): void {
		this.#timer?.cancel();
		this.#timer = undefined;
	}
}
