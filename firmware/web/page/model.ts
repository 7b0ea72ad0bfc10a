/*
 * model.ts - what the page knows and does; the components only show it.
 *
 * The secret stands in the address alone.  The page reads it for each visit, and
 * the key core keeps what follows from it.
 */

import { Core } from "../core/core.js";
import wasmUrl from "../core/konklave-core.wasm";
import { systemClock } from "../meeting/clock.js";
import type { Stats, SlotSender } from "../meeting/frames.js";
import { parseLink } from "../meeting/link.js";
import { Media, type Device, type IceSettings, type SlotTrack } from "../meeting/media.js";
import { conferenceView, type ConferenceView, type LineView }
	from "../meeting/lines.js";
import { isName } from "../meeting/members.js";
import { Session } from "../meeting/session.js";
import type { Person, Phase, Trouble, View } from "../meeting/view.js";
import { subprotocol, type Socket } from "../meeting/signal.js";
import { largeOf, type Sizes, type Source } from "../meeting/slots.js";
import type { Wish } from "../meeting/turns.js";
import type { Order, Report } from "../meeting/worker.js";
import { configLoad, type SiteConfig } from "./config.js";
import { Devices, type DeviceKind } from "./devices.js";
import { lineName, linesSentence, waitingSentence } from "./linewords.js";
import { Share } from "./share.js";
import { languageGuess, sayIn, type Language, type Say } from "./texts.js";

export type PageTrouble = "noLink" | "link-malformed" | "link-version" |
    "unsupported" | "insecure" | "config" | Trouble;
export type Screen = "loading" | "join" | "meeting" | "left" | "trouble";
export type Panel = "chat" | "people" | "code";
export const nameMax = 80;
const callersMs = 8_000; /* news of callers stay */
const callersMax = 3; /* that are named at once */
const noConference = conferenceView(undefined, false);

function storeGet(name: string): string {
	try {
		return localStorage.getItem(`konklave.${name}`) ?? "";
	} catch {
		return ""; /* the browser keeps nothing here */
	}
}

function storeSet(name: string, value: string): void {
	try {
		localStorage.setItem(`konklave.${name}`, value);
	} catch {
		/* then not */
	}
}

export class Model {
	screen: Screen = "loading";
	trouble: PageTrouble | undefined;
	detail = "";
	language: Language;
	name = storeGet("name");
	nameTrouble: "nameBad" | "nameMissing" | undefined;
	panel: Panel | undefined;
	unread = 0;
	config: SiteConfig | undefined;
	isStarting = false;
	needsClick = false; /* for sound */
	stats: Stats | undefined;
	/* Which leaf's frames come out of a slot, and since when. */
	readonly senders = new Map<number, SlotSender>();
	slots: SlotTrack[] = [];
	shown: ReadonlyMap<number, Source> = new Map();
	/* For screen readers: what just happened. */
	news = "";
	/* Who has just called or hung up, for all; "": nobody. */
	callers = "";
	readonly devices: Devices;
	readonly share: Share;
	readonly #listeners = new Set<() => void>();
	readonly #levelListeners = new Set<(level: number) => void>();
	#session: Session | undefined;
	#media: Media | undefined;
	#worker: Worker | undefined;
	#core: Promise<Core> | undefined;
	#device: Promise<Device> | undefined;
	#people: Person[] = [];

	constructor() {
		const kept = storeGet("language");

		this.language = kept === "de" || kept === "en" ? kept :
		    languageGuess(navigator.languages);
		this.devices = new Devices(() => this.#devicesChanged(), () => {
			this.#session?.speaking(this.devices.isSpeaking &&
			    this.devices.microphone.isOn);
			for (const tell of this.#levelListeners)
				tell(this.devices.level);
		});
		this.share = new Share(() => this.#shareChanged());
		addEventListener("hashchange", () => void this.open());
		addEventListener("online", () => this.#session?.retryNow());
		/* Browsers let sound begin by a hand's movement only. */
		for (const touched of ["pointerdown", "keydown"])
			addEventListener(touched, () => this.devices.resume());
		addEventListener("pagehide", () => this.#session?.leave());
	}

	get say(): Say {
		return sayIn(this.language);
	}

	get view(): View | undefined {
		return this.#session?.view;
	}

	get conference(): ConferenceView {
		return this.view?.conference ?? noConference;
	}

	/* What everybody has to know of telephone lines; undefined: none. */
	get linesSentence(): string | undefined {
		return linesSentence(this.say, this.language,
		    this.conference.lines, this.view?.people ?? []);
	}

	get phase(): Phase | Screen {
		return this.screen === "meeting" ?
		    this.view?.phase ?? "connecting" : this.screen;
	}

	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	onLevel(listener: (level: number) => void): () => void {
		this.#levelListeners.add(listener);
		return () => this.#levelListeners.delete(listener);
	}

	#changed(): void {
		for (const listener of this.#listeners)
			listener();
	}

	/* --- before the meeting --- */

	async open(): Promise<void> {
		const link = parseLink(location.hash);
		const isFit = Media.isSupported && "WebAssembly" in globalThis;

		this.#leaveQuietly();
		if (!isSecureContext)
			return this.#fail("insecure");
		if (link === "none")
			return this.#fail("noLink");
		if (link === "malformed" || link === "version")
			return this.#fail(`link-${link}`);
		link.secret.fill(0);
		if (!isFit)
			return this.#fail("unsupported");
		this.config = await configLoad() ?? undefined;
		if (!this.config)
			return this.#fail("config");
		this.screen = "join";
		this.#changed();
		this.#prepare();
		await this.devices.open();
	}

	/* What takes a while is done while the name is typed. */
	#prepare(): void {
		this.#core ??= Core.load({ locateFile: () => wasmUrl });
		this.#device ??= Media.prepare();
		this.#core.catch(() => {}); /* seen when it is used */
		this.#device.catch(() => {});
	}

	#fail(trouble: PageTrouble, detail = ""): void {
		this.screen = "trouble";
		this.trouble = trouble;
		this.detail = detail;
		this.devices.close();
		this.share.stop();
		this.#changed();
	}

	setLanguage(language: Language): void {
		this.language = language;
		storeSet("language", language);
		this.#changed();
	}

	setName(name: string): void {
		this.name = name;
		this.nameTrouble = undefined;
		this.#changed();
	}

	async choose(kind: DeviceKind, id: string | null): Promise<void> {
		await this.devices.choose(kind, id);
	}

	async toggle(kind: DeviceKind): Promise<void> {
		const isOn = !(this.devices[kind].isOn &&
		    this.devices[kind].track);

		await this.devices.setOn(kind, isOn);
		this.tell(this.say(kind === "microphone" ?
		    isOn ? "youAreHeard" : "youAreMuted" :
		    isOn ? "cameraIsOn" : "cameraIsOffNow"));
	}

	/* --- the meeting --- */

	async join(): Promise<void> {
		const name = this.name.trim();

		this.nameTrouble = !name ? "nameMissing" :
		    !isName(name) || [...name].length > nameMax ? "nameBad" :
		    undefined;
		this.#changed();
		if (this.nameTrouble || this.isStarting)
			return;
		storeSet("name", name);
		this.isStarting = true;
		this.#changed();
		try {
			this.#prepare();
			this.#start(await this.#core!, await this.#device!, name);
		} catch (error) {
			this.#core = this.#device = undefined;
			this.#fail("unsupported", String(error));
		}
		this.isStarting = false;
		this.#changed();
	}

	#start(core: Core, device: Device, name: string): void {
		const link = parseLink(location.hash);

		if (typeof link === "string")
			return this.#fail("link-malformed");
		const worker = this.#workerStart();

		this.#people = [];
		this.#lines = undefined;
		this.callers = "";
		this.panel = undefined;
		this.unread = 0;
		this.screen = "meeting";
		this.#session = new Session({ core, ...link, name,
			trust: this.config!.trust, clock: systemClock,
			connect: () => new WebSocket(this.config!.signalUrl,
			    subprotocol) as unknown as Socket,
			frames: {
				begin: (epoch) => this.#order({ type: "epoch",
					epoch }),
				expect: (slot, leaf, stream) => this.#order({
					type: "expect", slot, leaf, stream }),
				forget: () => this.#order({ type: "forget" }),
			},
			startMedia: async (ask, lost, tellsLevel) => {
				const media = await Media.start({ ask, lost,
					worker, ice: await this.#ice(),
					video: this.config!.video },
				    tellsLevel ? await Media.prepare(true) :
				    device);

				this.#media = media;
				this.slots = media.slots;
				return media;
			},
			changed: () => this.#sessionChanged(),
			shows: (slots) => {
				this.shown = slots;
				this.#changed();
			} });
		this.#devicesChanged();
	}

	/* Asked anew each time: the passwords in it last for a while. */
	async #ice(): Promise<IceSettings> {
		return (await configLoad() ?? this.config!).ice;
	}

	/* For tests: how media go. */
	async ways(): Promise<string[]> {
		return await this.#media?.ways() ?? [];
	}

	/* A worker lives for one visit: its counters must not start again
	 * under keys that it has used. */
	#workerStart(): Worker {
		const worker = new Worker(KK_WORKER);

		worker.onmessage = ({ data }: MessageEvent<Report>) => {
			if (data.type === "stats") {
				this.stats = data.stats;
				return;
			}
			this.senders.set(data.sender.slot, data.sender);
			this.#changed();
		};
		this.#worker = worker;
		return worker;
	}

	#order(order: Order): void {
		if (order.type === "forget")
			this.senders.clear();
		this.#worker?.postMessage(order);
	}

	#sessionChanged(): void {
		const view = this.#session?.view;

		if (!view || this.screen !== "meeting")
			return;
		this.#peopleTell(view.people.filter((p) =>
		    p.linesOf === undefined));
		this.#linesTell(view);
		if (view.phase === "ended")
			this.#ended(view);
		this.#changed();
	}

	#ended(view: View): void {
		this.#worker?.terminate();
		this.#worker = undefined;
		this.slots = [];
		this.shown = new Map();
		this.senders.clear();
		if (view.trouble)
			return this.#fail(view.trouble, view.detail);
		this.screen = "left";
		this.devices.close();
		this.share.stop();
	}

	#leaveQuietly(): void {
		const session = this.#session;

		this.#session = undefined;
		this.share.stop();
		session?.leave();
		this.#worker?.terminate();
		this.#worker = undefined;
	}

	leave(): void {
		this.#session?.leave();
	}

	/* How large each member is drawn, and the large picture, in pixels of
	 * the page. */
	sizeShown(of: keyof Sizes, width: number): void {
		const step = 16; /* small changes are none */
		const shown = Math.ceil(width * devicePixelRatio / step) * step;

		if (width > 0)
			this.#session?.tileSize(of, { width: shown,
				height: Math.round(shown * 9 / 16) });
	}

	/* What is drawn large, and whose it is. */
	get large(): { slot: number; source: Source; person: Person } |
	    undefined {
		const large = largeOf(this.shown);
		const person = large && this.view?.people.find((p) =>
		    p.participant === large.source.participant);

		return person ? { ...large, person } : undefined;
	}

	/* Shows somebody large, or no more. */
	pin(person: Person): void {
		const isPinned = this.large?.source.isPinned === true &&
		    this.large.person.leaf === person.leaf;

		this.#session?.pin(isPinned || person.participant === undefined ?
		    undefined : { participant: person.participant,
			source: "camera" });
	}

	/* Who waits to be let in; undefined: nobody. */
	get waitingSentence(): string | undefined {
		return waitingSentence(this.say, this.language,
		    this.conference.waiting);
	}

	/* As a host, see lines.ts. */
	wish(wish: Wish): void {
		this.#session?.wish(wish);
	}

	wishOf(person: Person, wish: Wish): void {
		this.#session?.wishOf(person.leaf, wish);
	}

	async toggleShare(): Promise<void> {
		if (this.share.track)
			this.share.stop();
		else
			await this.share.start();
	}

	#isSharing = false;

	#shareChanged(): void {
		const { track, hasFailed } = this.share;

		this.#session?.send("screen", track, !!track);
		if (!!track !== this.#isSharing || hasFailed)
			this.news = this.say(track ? "sharing" : hasFailed ?
			    "shareFailed" : "shareEnded");
		this.#isSharing = !!track;
		this.#changed();
	}

	retryNow(): void {
		this.#session?.retryNow();
	}

	chat(text: string): void {
		this.#session?.chat(text);
	}

	#devicesChanged(): void {
		for (const kind of ["microphone", "camera"] as const) {
			const { track, isOn } = this.devices[kind];

			this.#session?.send(kind, track, isOn && !!track);
		}
		this.#changed();
	}

	/* --- around it --- */

	setPanel(panel: Panel | undefined): void {
		this.panel = panel;
		if (panel === "chat")
			this.unread = 0;
		this.#changed();
	}

	chatSeen(): void {
		this.unread = 0;
	}

	tell(news: string): void {
		this.news = news;
		this.#changed();
	}

	#chatTold = 0;

	#peopleTell(people: Person[]): void {
		const id = (p: Person) => `${p.leaf} ${p.name}`;
		const before = new Set(this.#people.map(id));
		const now = new Set(people.map(id));
		const came = people.find((p) => !p.isSelf && !before.has(id(p)));
		const went = this.#people.find((p) => !p.isSelf &&
		    !now.has(id(p)));
		const last = this.view?.chat.at(-1);

		this.#screensTell(people);
		if (before.size > 0 && came)
			this.news = this.say("came", { name: came.name });
		if (people.length > 0 && went)
			this.news = this.say("went", { name: went.name });
		if (last && last.number >= this.#chatTold) {
			this.#chatTold = last.number + 1;
			if (!last.isSelf) {
				this.news = this.say("chatNew",
				    { name: last.name }) + ": " + last.text;
				if (this.panel !== "chat")
					this.unread++;
			}
		}
		if (people.length > 0)
			this.#people = people;
	}

	#lines: LineView[] | undefined; /* as they were; not known at first */
	#callersTimer: ReturnType<typeof setTimeout> | undefined;

	/* An epoch without people is none: the group is being joined anew. */
	#linesTell(view: View): void {
		const { lines } = view.conference;
		const had = this.#lines;
		const notIn = (a: LineView[], b: LineView[]) => a.filter((line) =>
		    !b.some(({ key }) => key === line.key));

		if (view.people.length === 0)
			return;
		this.#lines = lines;
		if (!had)
			this.news = this.linesSentence ?? this.news;
		else
			this.#callersTell(notIn(lines, had), notIn(had, lines));
	}

	#callersTell(came: LineView[], went: LineView[]): void {
		const say = (what: "callerCame" | "callerWent") =>
		    (line: LineView) => this.say(what,
			{ name: lineName(this.say, line) });
		const told = [...came.map(say("callerCame")),
			...went.map(say("callerWent"))];

		if (told.length === 0)
			return;
		this.callers = told.slice(0, callersMax).join(" ");
		clearTimeout(this.#callersTimer);
		this.#callersTimer = setTimeout(() => {
			this.callers = "";
			this.#changed();
		}, callersMs);
	}

	#screensTell(people: Person[]): void {
		const had = new Set(this.#people.filter((p) => p.hasScreen)
		    .map((p) => p.leaf));

		for (const { isSelf, leaf, hasScreen, name } of people)
			if (!isSelf && hasScreen !== had.has(leaf) &&
			    this.#people.length > 0)
				this.news = this.say(hasScreen ? "screenCame" :
				    "screenWent", { name });
	}

	soundBlocked(): void {
		this.needsClick = true;
		this.#changed();
	}

	soundAllowed(): void {
		this.needsClick = false;
		this.devices.resume();
		this.#changed();
	}
}
