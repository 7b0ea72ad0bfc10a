/*
 * session.ts - one visit to a meeting: the link, the group, the media, and what
 * the page shows of them.  Sockets, media and time come from outside.
 */

import type { Core } from "../core/core.js";
import { toBase64 } from "./base64.js";
import { Alarm, type Clock, type Timer } from "./clock.js";
import { Stream, type Epoch } from "./frames.js";
import { Hearing } from "./hearing.js";
import { Identity } from "./identity.js";
import { Life } from "./life.js";
import { conferenceView } from "./lines.js";
import type { MediaTrouble } from "./media.js";
import { Signal, SignalError, version, type Fields, type Socket }
	from "./signal.js";
import { key, slotsAssign, slotsDue, watchChanges, watchesOf, type Published,
	type Sizes, type Slot, type Source, type TileSize } from "./slots.js";
import { States } from "./states.js";
import type { Wish } from "./turns.js";
import type { Person, Phase, Trouble, View } from "./view.js";

export const sessionTimes = {
	backoffMs: [250, 500, 1_000, 2_000, 4_000, 8_000],
	firstTries: 4, /* to reach a server that was never reached */
	returnMs: 60_000, /* a meeting that was there may come back */
	mediaTries: 3, /* to bring picture and sound about */
	tileMs: 300, /* a size of the tiles has come to stay */
};
const chatMax = 500; /* messages kept */
export const chatTextMax = 4_000;

/* The worker with the frames' keys. */
export interface FrameKeeper {
	begin(epoch: Epoch): void;
	expect(slot: number, leaf: number | null, stream: Stream): void;
	forget(): void;
}

export type SendSource = "microphone" | "camera" | "screen";
export interface MediaLike {
	readonly slots: Slot[];
	sendTrack(source: SendSource, track: MediaStreamTrack | null)
	    : Promise<void>;
	/* So many encodings of it are drawn by anybody, from small on. */
	want(source: SendSource, encodings: number): void;
	close(): void;
}

export interface SessionConfig {
	core: Core;
	id: Uint8Array;
	secret: Uint8Array; /* wiped here */
	name: string;
	trust: Uint8Array[];
	clock: Clock;
	connect(): Socket;
	frames: FrameKeeper;
	/* tellsLevel: the forwarder may know how loud we are. */
	startMedia(ask: (type: string, fields: Fields) => Promise<Fields>,
	    lost: (trouble?: MediaTrouble) => void, tellsLevel: boolean)
	    : Promise<MediaLike>;
	/* The view has changed. */
	changed(): void;
	/* The slots that show something, and whose. */
	shows(slots: ReadonlyMap<number, Source>): void;
}

const streams: Record<Source["source"], Stream> = {
	microphone: Stream.Microphone, camera: Stream.Camera,
	screen: Stream.Screen };
const noSize: TileSize = { width: 0, height: 0 };

export class Session {
	readonly #config: SessionConfig;
	readonly #clock: Clock;
	readonly #identity: Identity;
	readonly #life: Life;
	readonly #id64: string;
	#signal: Signal | undefined;
	#retry: Timer | undefined;
	#tries = 0;
	#lostAt: number | undefined; /* of a link that had been there */
	#media: MediaLike | undefined;
	#mediaTries = 0; /* since they last came about */
	#sources = new Map<string, Published[]>(); /* by participant */
	#shown: ReadonlyMap<number, Source> = new Map();
	readonly #hearing = new Hearing();
	#told = new Map<number, string>(); /* of slots, to the server */
	#pinned: string | undefined; /* key() of what is to be shown large */
	#sizes: Sizes = { tile: noSize, large: noSize };
	readonly #tileAlarm: Alarm;
	readonly #slotAlarm: Alarm;
	readonly #states = new States();
	#tracks: Record<SendSource, MediaStreamTrack | null> =
	    { microphone: null, camera: null, screen: null };
	#own = { microphone: false, camera: false, screen: false,
		speaking: false };
	#chatCount = 0;
	readonly view: View = { phase: "connecting", trouble: undefined,
		detail: "", epoch: undefined, code: "", participant: "",
		people: [], conference: conferenceView(undefined, false),
		chat: [], media: "off", links: 0 };

	constructor(config: SessionConfig) {
		this.#config = config;
		this.#clock = config.clock;
		this.#tileAlarm = new Alarm(config.clock);
		this.#slotAlarm = new Alarm(config.clock);
		this.#id64 = toBase64(config.id);
		this.#identity = new Identity(config.core, config.id,
		    config.secret, config.name, config.trust);
		config.secret.fill(0);
		this.#life = new Life(this.#identity, config.clock, {
			ask: (type, fields, done) => {
				if (this.#signal)
					this.#signal.ask(type, fields, done);
				else
					done(new SignalError("lost"), {});
			},
			epoch: (epoch, code) => this.#epoch(epoch, code),
			forgotten: () => this.#forgotten(),
			changed: () => this.#update(),
			said: (leaf, words) => this.#said(leaf, words),
			tell: () => this.#tell(),
			reenter: () => this.#signal?.close(),
			failed: (trouble, detail) => this.#end(trouble, detail),
		});
		this.#connect();
	}

	/* For tests. */
	async settled(): Promise<void> {
		await this.#life.settled();
	}

	get dropped(): number {
		return this.#life.dropped;
	}

	/* --- the link --- */

	#connect(): void {
		this.#tries++;
		const signal = new Signal(this.#config.connect(), this.#clock, {
			open: () => void this.#enter(signal),
			event: (event) => this.#event(event),
			closed: () => this.#closed(signal),
		});

		this.#signal = signal;
	}

	async #enter(signal: Signal): Promise<void> {
		try {
			const hello = await signal.request("hello", { version,
				client: "konklave-web" });

			this.#hearing.isAllowed = hello.audioLevels === true;
			signal.ask("enter", this.#enterFields(),
			    (error, answer) => {
				if (error)
					this.#refused(signal, error);
				else
					this.#entered(signal, answer);
			});
		} catch (error) {
			if (error instanceof SignalError)
				this.#refused(signal, error);
			else
				throw error;
		}
	}

	#enterFields(): Fields {
		const epoch = this.#life.epoch;

		return { meeting: this.#id64,
			token: toBase64(this.#identity.meeting.token),
			...(epoch === undefined ? {} : { epoch }) };
	}

	#refused(signal: Signal, error: SignalError): void {
		const mayReturn = this.#lostAt !== undefined &&
		    this.#clock.now() - this.#lostAt < sessionTimes.returnMs;

		if (error.code === "lost")
			return; /* closed() knows */
		if (error.code === "version" || error.code === "denied")
			this.#end(error.code, error.message);
		else if (error.code === "busy" || mayReturn)
			signal.close(); /* and again */
		else if (error.code === "unknown-meeting" ||
		    error.code === "full")
			this.#end(error.code, error.message);
		else
			this.#end("refused", `${error.code} ${error.message}`);
	}

	#entered(signal: Signal, answer: Fields): void {
		const participants = answer.participants as
		    { participant: string; sources: Published[] }[];

		this.#tries = 0;
		this.#lostAt = undefined;
		this.view.links++;
		this.view.participant = answer.participant as string;
		this.#sources.clear();
		for (const { participant, sources } of participants)
			this.#sources.set(participant, sources.map(
			    ({ source, kind }) =>
				({ participant, source, kind })));
		this.#phase(this.#life.epoch === undefined ? "joining" : "in");
		this.#life.entered(answer);
		void this.#mediaStart(signal);
	}

	#closed(signal: Signal): void {
		if (this.#signal !== signal)
			return;
		this.#signal = undefined;
		this.#mediaStop();
		this.#life.lost();
		if (this.view.phase === "ended")
			return;
		if (this.view.links > 0) {
			this.#lostAt ??= this.#clock.now();
			this.#phase("reconnecting");
		} else if (this.#tries >= sessionTimes.firstTries) {
			this.#end("unreachable", "");
			return;
		}
		const { backoffMs } = sessionTimes;
		const ms = backoffMs[Math.min(this.#tries,
		    backoffMs.length - 1)]!;

		/* Everybody comes back after a restart: not all at once. */
		this.#retry = this.#clock.after(ms * (0.75 + Math.random() / 2),
		    () => this.#connect());
	}

	/* The network is back, or the user is impatient. */
	retryNow(): void {
		if (this.view.phase !== "reconnecting" || this.#signal)
			return;
		this.#retry?.cancel();
		this.#connect();
	}

	#event(event: Fields & { type: string }): void {
		const who = event.participant as string;

		if (event.type === "joined") {
			this.#sources.set(who, []);
		} else if (event.type === "left") {
			this.#sources.delete(who);
			this.#states.forget(who);
		} else if (event.type === "published") {
			this.#published(who, event as unknown as Published);
		} else if (event.type === "unpublished") {
			this.#sources.set(who, (this.#sources.get(who) ?? [])
			    .filter((s) => s.source !== event.source));
		} else if (event.type === "loudest") {
			this.#hearing.take(event.slots,
			    this.#media?.slots ?? []);
			this.#slotsUpdate();
			this.#config.shows(this.#shown);
		} else if (event.type === "wanted") {
			this.#media?.want(event.source as SendSource,
			    event.encodings as number);
			return;
		} else if (event.type === "transport") {
			this.#transport(event.state === "connected");
		} else if (event.type === "closed" &&
		    event.reason === "unregistered") {
			this.#end("closed", "");
		}
		this.#life.event(event);
		this.#update();
	}

	/* Enters anew where media are lost: one way to mend it is enough. */
	#transport(isConnected: boolean): void {
		if (!isConnected) {
			this.#signal?.close();
			return;
		}
		this.#mediaTries = 0;
		this.view.media = "on";
		this.#update();
	}

	#published(participant: string, { source, kind }: Published): void {
		const rest = (this.#sources.get(participant) ?? [])
		    .filter((s) => s.source !== source);

		this.#sources.set(participant, [...rest,
			{ participant, source, kind }]);
	}

	/* --- the group --- */

	#epoch(epoch: Epoch, code: string): void {
		this.#config.frames.begin(epoch);
		this.view.epoch = epoch.epoch;
		this.view.code = code;
		if (this.#signal)
			this.#phase("in");
	}

	#forgotten(): void {
		this.#config.frames.forget();
		this.view.epoch = undefined;
		this.view.code = "";
		this.#states.clear();
		if (this.view.phase === "in")
			this.#phase("joining");
		this.#update();
	}

	#phase(phase: Phase): void {
		if (this.view.phase === "ended")
			return;
		this.view.phase = phase;
		this.#update();
	}

	#end(trouble: Trouble | undefined, detail: string): void {
		if (this.view.phase === "ended")
			return;
		this.view.phase = "ended";
		this.view.trouble = trouble;
		this.view.detail = detail;
		this.#retry?.cancel();
		this.#mediaStop();
		this.#life.close();
		this.#config.frames.forget();
		this.#signal?.close();
		void this.#life.settled().then(() => this.#identity.close());
		this.#config.changed();
	}

	leave(): void {
		this.#signal?.ask("leave", {}, () => {});
		this.#end(undefined, "");
	}

	/* --- what members say --- */

	#said(leaf: number, words: Fields): void {
		const member = this.#life.members.find((m) => m.leaf === leaf);
		const who = member?.participant;

		if (!member)
			return;
		if (words.type === "chat" && typeof words.text === "string" &&
		    words.text.length <= chatTextMax)
			this.#chatAdd(member, words.text);
		if (who === undefined)
			return;
		this.#states.said(who, words, this.#clock.now());
		this.#update();
	}

	#chatAdd(from: { name: string; verified: boolean; isSelf: boolean },
	    text: string): void {
		this.view.chat = [...this.view.chat, { text, at: new Date(),
			number: this.#chatCount++, name: from.name,
			verified: from.verified, isSelf: from.isSelf }]
		    .slice(-chatMax);
		this.#config.changed();
	}

	chat(text: string): void {
		const self = this.#life.members.find((m) => m.isSelf);

		if (!self || !text.trim() || text.length > chatTextMax)
			return;
		this.#life.say({ type: "chat", text });
		this.#chatAdd(self, text);
	}

	#tell(): void {
		this.#life.say({ type: "media",
			microphone: this.#own.microphone,
			camera: this.#own.camera, screen: this.#own.screen });
		/* Who has just come does not know. */
		if (this.#own.speaking)
			this.#life.say({ type: "speaking", speaking: true });
	}

	/* As a host, see lines.ts. */
	wish(wish: Wish): void {
		this.#life.wish(wish);
	}

	wishOf(leaf: number, wish: Wish): void {
		this.#life.wishOf(leaf, wish);
	}

	/* --- our own media --- */

	/* track: what is sent, silence included; isOn: what others are told. */
	send(source: SendSource, track: MediaStreamTrack | null, isOn: boolean)
	    : void {
		const hasChanged = this.#own[source] !== isOn;

		this.#own[source] = isOn;
		if (this.#tracks[source] !== track) {
			this.#tracks[source] = track;
			this.#trackSend(source);
		}
		if (hasChanged)
			this.#tell();
		this.#update();
	}

	speaking(isSpeaking: boolean): void {
		if (this.#own.speaking === isSpeaking)
			return;
		this.#own.speaking = isSpeaking;
		this.#life.say({ type: "speaking", speaking: isSpeaking });
		this.#update();
	}

	#trackSend(source: SendSource): void {
		this.#media?.sendTrack(source, this.#tracks[source])
		    .catch(() => this.#signal?.close());
	}

	async #mediaStart(signal: Signal): Promise<void> {
		const ask = (type: string, fields: Fields) =>
		    signal.request(type, fields);

		this.view.media = "connecting";
		this.#mediaTries++;
		try {
			const media = await this.#config.startMedia(ask,
			    (trouble = "blocked") =>
				this.#mediaFailed(signal, trouble, ""),
			    this.#hearing.isAllowed);

			if (this.#signal !== signal) {
				media.close();
				return;
			}
			this.#media = media;
			this.#trackSend("microphone");
			this.#trackSend("camera");
			this.#trackSend("screen");
			this.#update();
		} catch (error) {
			this.#mediaFailed(signal, "media", String(error));
		}
	}

	/* Some more tries, over a new link; then it is no accident. */
	#mediaFailed(signal: Signal, trouble: "media" | MediaTrouble,
	    detail: string): void {
		if (this.#signal !== signal)
			return; /* the link is gone, and media with it */
		if (this.#mediaTries >= sessionTimes.mediaTries)
			this.#end(trouble, detail);
		else
			signal.close();
	}

	#mediaStop(): void {
		this.#media?.close();
		this.#media = undefined;
		this.view.media = "off";
		for (const slot of this.#shown.keys())
			this.#config.frames.expect(slot, null,
			    Stream.Microphone);
		this.#shown = new Map();
		this.#hearing.forget();
		this.#told.clear();
		this.#slotAlarm.clear();
		this.#config.shows(this.#shown);
	}

	/* --- what follows from all this --- */

	#people(): Person[] {
		return this.#life.members.map((m) => {
			const state = this.#states.get(m.participant);

			return { ...m, hasMicrophone: m.isSelf ?
			    this.#own.microphone : state.hasMicrophone,
			hasCamera: m.isSelf ? this.#own.camera :
			    state.hasCamera,
			hasScreen: m.isSelf ? this.#own.screen :
			    state.sharedAs > 0,
			isSpeaking: m.isSelf ? this.#own.speaking :
			    state.isSpeaking };
		});
	}

	#update(): void {
		if (this.view.phase === "ended")
			return;
		this.view.people = this.#people();
		this.view.conference = conferenceView(this.#life.conference,
		    this.#life.isHost);
		this.#slotsUpdate();
		this.#config.changed();
	}

	/* All pictures are shown at this size from now on, and the large one at
	 * that. */
	tileSize(of: keyof Sizes, size: TileSize): void {
		const was = this.#sizes[of];

		if (size.width === was.width && size.height === was.height)
			return;
		this.#sizes = { ...this.#sizes, [of]: size };
		/* A window that is being drawn larger has many sizes. */
		this.#tileAlarm.set(this.#clock.now() + sessionTimes.tileMs,
		    () => this.#slotsUpdate());
	}

	/* What is shown large before all others; undefined: nothing. */
	pin(what: { participant: string; source: string } | undefined): void {
		this.#pinned = what && key(what);
		this.#update();
	}

	/* Only members whose leaf is known: a picture needs its name. */
	#slotsUpdate(): void {
		const media = this.#media, signal = this.#signal;
		const now = this.#clock.now();

		if (!media || !signal)
			return;
		const leaves = new Map(this.view.people.filter((p) =>
		    !p.isSelf && p.participant !== undefined)
		    .map((p) => [p.participant!, p.leaf]));
		const sources = [...leaves.keys()].flatMap((who) =>
		    this.#states.sourcesOf(who, this.#sources.get(who) ?? [],
			this.#pinned));

		this.#hearing.update(media.slots, sources, this.#shown);
		const { heard } = this.#hearing;
		const next = slotsAssign(media.slots, sources, this.#shown,
		    now, heard);
		const due = slotsDue(sources, next, now, heard);

		for (const { slot } of media.slots) {
			const source = next.get(slot);

			this.#config.frames.expect(slot, source ?
			    leaves.get(source.participant)! : null,
			    streams[source?.source ?? "microphone"]);
		}
		this.#shown = next;
		if (due < Infinity)
			this.#slotAlarm.set(due, () => this.#slotsUpdate());
		const changes = watchChanges(watchesOf(media.slots, next,
		    this.#sizes, heard), this.#told);

		if (changes.length === 0)
			return;
		signal.ask("watch", { slots: changes }, () => {});
		this.#config.shows(next);
	}
}
