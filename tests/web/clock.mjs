/* clock.mjs - time that a test moves, and a world that is done with its work. */

export class FakeClock {
	#now = 1000;
	#timers = new Set();
	/* Resolves when nothing is left to do at this moment. */
	settle = async () => {};

	now() {
		return this.#now;
	}

	after(ms, run) {
		const timer = { at: this.#now + ms, run,
			cancel: () => this.#timers.delete(timer) };

		this.#timers.add(timer);
		return timer;
	}

	/* Moves time on, from timer to timer. */
	async pass(ms) {
		const end = this.#now + ms;

		await this.settle();
		for (;;) {
			const next = [...this.#timers].filter((t) => t.at <= end)
			    .sort((a, b) => a.at - b.at)[0];

			if (!next)
				break;
			this.#now = Math.max(this.#now, next.at);
			this.#timers.delete(next);
			next.run();
			await this.settle();
		}
		this.#now = end;
	}

	/* Moves time on until a condition holds; throws after at most ms. */
	async until(condition, ms, step = 50) {
		const start = this.#now;

		await this.settle();
		while (!condition()) {
			if (this.#now - start >= ms)
				throw new Error(`not within ${ms} ms: ${condition}`);
			await this.pass(step);
		}
		return this.#now - start;
	}
}
