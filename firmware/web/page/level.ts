/* level.ts - how loud a microphone is, and whether somebody speaks into it. */

const tickMs = 60;
const speaksDb = -45;
const quietDb = -100;
const startTicks = 2; /* a knock on the table is no word */
const stopTicks = 15;

/* Speech from levels, with a start and an end that do not flutter. */
export class SpeechGate {
	#loud = 0;
	#quiet = 0;
	isSpeaking = false;

	take(db: number): boolean {
		if (db > speaksDb) {
			this.#quiet = 0;
			if (++this.#loud >= startTicks)
				this.isSpeaking = true;
		} else {
			this.#loud = 0;
			if (++this.#quiet >= stopTicks)
				this.isSpeaking = false;
		}
		return this.isSpeaking;
	}
}

export function decibels(samples: Float32Array): number {
	let sum = 0;

	for (const sample of samples)
		sum += sample * sample;
	return Math.max(quietDb, 10 * Math.log10(sum / samples.length || 1e-12));
}

/* Calls `tell` with the level from 0 to 1, until stop(). */
export class LevelMeter {
	readonly #context = new AudioContext();
	readonly #timer: number;

	constructor(track: MediaStreamTrack,
	    tell: (level: number, isSpeaking: boolean) => void) {
		const analyser = this.#context.createAnalyser();
		const samples = new Float32Array(analyser.fftSize);
		const gate = new SpeechGate();

		this.#context.createMediaStreamSource(new MediaStream([track]))
		    .connect(analyser);
		this.#timer = window.setInterval(() => {
			analyser.getFloatTimeDomainData(samples);
			const db = track.enabled ? decibels(samples) : quietDb;

			tell(Math.max(0, Math.min(1, (db + 60) / 54)),
			    gate.take(db));
		}, tickMs);
	}

	/* Browsers start it by a click of the user's only. */
	resume(): void {
		if (this.#context.state === "suspended")
			void this.#context.resume();
	}

	stop(): void {
		clearInterval(this.#timer);
		void this.#context.close();
	}
}
