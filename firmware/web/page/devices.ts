/* devices.ts - our camera and microphone. */

import { LevelMeter } from "./level.js";

export type DeviceKind = "microphone" | "camera";
export type DeviceTrouble = "denied" | "missing" | "busy";

export interface Device {
	/* What the user chose; "": whatever there is, null: none. */
	wanted: string | null;
	track: MediaStreamTrack | null;
	trouble: DeviceTrouble | undefined;
	isOn: boolean;
	choices: { id: string; label: string }[];
}

const kinds = {
	microphone: "audioinput", camera: "videoinput" } as const;

function constraints(kind: DeviceKind, id: string, isCleaned: boolean):
    MediaStreamConstraints {
	const deviceId = id ? { deviceId: { exact: id } } : {};

	return kind === "microphone" ?
	    { audio: { ...deviceId, echoCancellation: isCleaned,
		noiseSuppression: isCleaned, autoGainControl: isCleaned } } :
	    { video: { ...deviceId, width: { ideal: 1280 },
		height: { ideal: 720 }, frameRate: { ideal: 30 } } };
}

function troubleOf(error: unknown): DeviceTrouble {
	const name = error instanceof DOMException ? error.name : "";

	if (name === "NotAllowedError" || name === "SecurityError")
		return "denied";
	return name === "NotFoundError" || name === "OverconstrainedError" ?
	    "missing" : "busy";
}

const newDevice = (): Device => ({ wanted: "", track: null,
	trouble: undefined, isOn: true, choices: [] });

export class Devices {
	readonly microphone = newDevice();
	readonly camera = newDevice();
	level = 0;
	isSpeaking = false;
	/* The microphone's sound goes as it is. */
	isOriginal = false;
	readonly #changed: () => void;
	readonly #levelChanged: () => void;
	#meter: LevelMeter | undefined;
	#turn = { microphone: 0, camera: 0 };

	constructor(changed: () => void, levelChanged: () => void) {
		this.#changed = changed;
		this.#levelChanged = levelChanged;
		navigator.mediaDevices?.addEventListener("devicechange",
		    () => void this.#list());
	}

	/* Both, as far as they are there and allowed. */
	async open(): Promise<void> {
		await this.#start("microphone");
		await this.#start("camera");
		await this.#list();
	}

	async choose(kind: DeviceKind, id: string | null): Promise<void> {
		this[kind].wanted = id;
		await this.#start(kind);
		await this.#list();
	}

	async setOriginal(isOriginal: boolean): Promise<void> {
		this.isOriginal = isOriginal;
		await this.#start("microphone");
	}

	/* Muted, the microphone goes on with silence: what others see on the
	 * wire must not tell.  The camera is given back, and its light goes out. */
	async setOn(kind: DeviceKind, isOn: boolean): Promise<void> {
		const device = this[kind];

		device.isOn = isOn;
		if (isOn && device.wanted === null)
			device.wanted = "";
		if (kind === "microphone" && device.track)
			device.track.enabled = isOn;
		else
			await this.#start(kind);
		this.#changed();
	}

	async #start(kind: DeviceKind): Promise<void> {
		const device = this[kind];
		const turn = ++this.#turn[kind];
		const isWanted = device.wanted !== null &&
		    (device.isOn || kind === "microphone");

		this.#stop(kind);
		device.trouble = undefined;
		this.#changed();
		if (!isWanted)
			return;
		try {
			if (!navigator.mediaDevices)
				throw new DOMException("", "NotFoundError");
			const stream = await navigator.mediaDevices.getUserMedia(
			    constraints(kind, device.wanted!, !this.isOriginal));
			const [track] = stream.getTracks();

			if (turn !== this.#turn[kind])
				track!.stop();
			else
				this.#started(kind, track!);
		} catch (error) {
			if (turn === this.#turn[kind])
				device.trouble = troubleOf(error);
		}
		this.#changed();
	}

	#started(kind: DeviceKind, track: MediaStreamTrack): void {
		const device = this[kind];

		device.track = track;
		/* Unplugged: the browser says so, and only once. */
		track.onended = () => {
			device.trouble = "missing";
			this.#stop(kind);
			this.#changed();
		};
		if (kind === "camera")
			return;
		track.enabled = device.isOn;
		this.#meter = new LevelMeter(track, (level, isSpeaking) => {
			this.level = level;
			this.isSpeaking = isSpeaking;
			this.#levelChanged();
		});
	}

	#stop(kind: DeviceKind): void {
		const device = this[kind];

		if (device.track)
			device.track.onended = null;
		device.track?.stop();
		device.track = null;
		if (kind === "camera")
			return;
		this.#meter?.stop();
		this.#meter = undefined;
		this.level = 0;
		this.isSpeaking = false;
	}

	async #list(): Promise<void> {
		const all = await navigator.mediaDevices?.enumerateDevices()
		    .catch(() => []) ?? [];

		for (const kind of ["microphone", "camera"] as const)
			this[kind].choices = all
			    .filter((d) => d.kind === kinds[kind] && d.deviceId)
			    .map((d) => ({ id: d.deviceId, label: d.label }));
		this.#changed();
	}

	resume(): void {
		this.#meter?.resume();
	}

	close(): void {
		this.#turn.microphone++;
		this.#turn.camera++;
		this.#stop("microphone");
		this.#stop("camera");
	}
}
