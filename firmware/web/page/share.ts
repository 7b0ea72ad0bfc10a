/* share.ts - our screen, shared with the others. */

const longest = { width: 1920, height: 1080, frameRate: 15 };

/* The page does not offer itself: it would be a hall of mirrors. */
const wishes: DisplayMediaStreamOptions & Record<string, unknown> = {
	video: { width: { max: longest.width }, height: { max: longest.height },
		frameRate: { ideal: longest.frameRate, max: longest.frameRate } },
	audio: false, selfBrowserSurface: "exclude", surfaceSwitching: "include",
	systemAudio: "exclude",
};

export class Share {
	track: MediaStreamTrack | null = null;
	hasFailed = false;
	readonly #changed: () => void;
	#turn = 0;

	constructor(changed: () => void) {
		this.#changed = changed;
	}

	/* Telephones cannot. */
	static get isSupported(): boolean {
		return typeof navigator.mediaDevices?.getDisplayMedia ===
		    "function";
	}

	/* The browser asks which one; it is no failure where none is chosen. */
	async start(): Promise<void> {
		const turn = ++this.#turn;

		this.hasFailed = false;
		try {
			const stream = await navigator.mediaDevices
			    .getDisplayMedia(wishes);
			const [track] = stream.getVideoTracks();

			if (turn !== this.#turn)
				track?.stop();
			else if (track)
				this.#started(track);
		} catch (error) {
			this.hasFailed = turn === this.#turn &&
			    (error as DOMException).name !== "NotAllowedError";
		}
		this.#changed();
	}

	#started(track: MediaStreamTrack): void {
		this.#end();
		track.contentHint = "detail"; /* letters, not movement */
		/* By the browser's own bar, or its window was closed. */
		track.onended = () => this.stop();
		this.track = track;
	}

	#end(): void {
		if (this.track)
			this.track.onended = null;
		this.track?.stop();
		this.track = null;
	}

	stop(): void {
		this.#turn++;
		this.#end();
		this.#changed();
	}
}
