/*
 * world.mjs - a meeting with a server, a box and pages, all in one process and
 * at the time that the test says.  The box is another program than the page's
 * code: it makes the group, and commits when the test asks it to.
 */
import { createHash, randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";

import { issue, newCa } from "./ca.mjs";
import { FakeClock } from "./clock.mjs";
import { FakeServer } from "./server.mjs";

const js = process.env.KK_WEB_JS ?? "build/npm/firmware/web/js";
export const load = (name) => import(pathToFileURL(`${js}/${name}`));

export const web = await load("core/core.js");
const { Session } = await load("meeting/session.js");

export const b64 = (bytes) => Buffer.from(bytes).toString("base64");
export const unb64 = (text) => new Uint8Array(Buffer.from(text, "base64"));
const text = (s) => new TextEncoder().encode(s);

/* A box of a site: its key, its chain, and whom it trusts. */
export function certified(world, root, name, more) {
	const middle = newCa("Meeting CA", 7, root);
	const signer = web.Signer.generate(world.core, web.Scheme.EcdsaP384);
	const { der } = issue(middle, name, Buffer.from(signer.publicKey),
	    more);

	return { signer, trust: [root.der], credential: { type: "x509",
		certs: [der, middle.der] } };
}

const beginning = { isLocked: false, forbidsLines: false, label: "",
	hosts: [0], lines: [] };

/* A box that holds a meeting: keys by the core, signalling by hand. */
class Box {
	keyPackages = new Map();
	heard = [];
	refused = []; /* why, of commits */
	isAuto = true; /* adds and removes at once */
	present = new Map(); /* participant: leaf, by `here` */
	making = Promise.resolve(); /* its last commit */

	constructor(world, name, credential) {
		const { core, id, secret } = world;

		this.world = world;
		const signer = credential?.signer ??
		    web.Signer.generate(core, web.Scheme.EcdsaP384);
		this.client = new web.Client({ suite: 7, signer,
			acceptsBasic: true, refusesPublicHandshake: true,
			extensions: [0xff4b],
			credential: credential?.credential ??
			    { type: "basic", identity: text(name) } });
		for (const ca of credential?.trust ?? [])
			this.client.addTrust("ca", ca);
		this.meeting = web.Meeting.open(core, id, secret);
		this.meeting.admit(this.client);
	}

	/* Who makes a meeting is its first host. */
	create() {
		const { id } = this.world;
		const bare = this.client.newGroup(id);
		const extensions = web.conferenceExtensions(bare, beginning);

		bare.free();
		this.group = this.client.newGroup(id, { extensions });
	}

	async enter() {
		this.socket = this.world.server.connect();
		this.asked = new Map();
		this.queue = Promise.resolve();
		await new Promise((done) => { this.socket.onopen = done; });
		this.socket.onmessage = ({ data }) => {
			const message = JSON.parse(data);

			if (message.type === "answer" ||
			    message.type === "error")
				this.asked.get(message.id)(message);
			else
				this.queue = this.queue.then(() =>
				    this.event(message));
		};
		await this.ask("hello", { version: 1, client: "box" });
		const answer = await this.ask("enter", { meeting:
		    b64(this.world.id), token: b64(this.meeting.token) });

		this.participant = answer.participant;
		if (this.group)
			await this.ask("begin", { epoch: this.epoch });
	}

	/* Into a meeting that another box holds. */
	async join() {
		this.isAuto = false;
		await this.enter();
		this.keyPackage = this.client.newKeyPackage();
		const joined = new Promise((done) => { this.joined = done; });

		await this.ask("message", { message: b64(this.meeting.wrap(
		    web.Kind.KeyPackage, this.keyPackage.message)) });
		await joined;
	}

	async welcomed(event) {
		const { message } = this.meeting.unwrap(unb64(event.message));
		const staged = this.client.join(this.keyPackage, message);

		await staged.verify();
		this.group = staged.takeGroup();
		await this.here();
		this.joined();
	}

	get state() {
		return web.conferenceOf(this.group);
	}

	get leaf() {
		return this.group.state().ownLeaf;
	}

	/* A commit that changes the state, as the rules have it or not. */
	async change(more, spec = {}) {
		await this.world.settle(); /* others' commits are taken */
		return this.commit({ ...spec, extensions:
		    web.conferenceExtensions(this.group,
			{ ...this.state, ...more }) });
	}

	lineOf(number, more = {}) {
		return { leaf: this.leaf, id: `0${number}`.padEnd(16, "0"),
			label: `+49 30 555${number}`, sinceMs: 1700000000000n,
			origin: "exchange", transport: "srtp", waits: false,
			isMuted: false, isMutedByHost: false, hasHandUp: false, ...more };
	}

	get epoch() {
		return Number(this.group.state().epoch);
	}

	ask(type, fields) {
		const id = this.asked.size + 1;

		return new Promise((done) => {
			this.asked.set(id, done);
			this.socket.send(JSON.stringify({ type, id, ...fields }));
		});
	}

	say(words, to) {
		return this.ask("message", { to, message: b64(this.meeting.wrap(
		    web.Kind.Application, this.group.protect(
			text(JSON.stringify(words))))) });
	}

	here() {
		return this.say({ type: "here", participant: this.participant });
	}

	/* One after the other: a group has one commit of its own at a time. */
	commit(spec, to = []) {
		const made = this.making.then(() => this.commitNow(spec, to));

		this.making = made.catch(() => {});
		return made;
	}

	/* Nothing stays in the state of who is removed. */
	async commitNow(spec, to) {
		const left = spec.removes && web.conferenceExtensions(
		    this.group, web.withoutLeaves(this.state, spec.removes));
		const made = this.group.commit({ leaveProposalsOut: true, psks:
		    spec.adds ? [{ type: "external",
			id: this.meeting.pskId }] : [], extensions: left,
			...spec });

		await made.staged.verify();
		const welcome = made.welcome.length === 0 ? "" :
		    b64(this.meeting.wrap(web.Kind.Welcome, made.welcome));
		const answer = await this.ask("commit", { epoch: this.epoch,
			message: b64(this.meeting.wrap(web.Kind.Handshake,
			    made.commit)),
			welcomes: to.map((one) => ({ to: one,
				message: welcome })) });

		if (answer.type === "error") {
			made.staged.free();
			return false;
		}
		this.group.apply(made.staged);
		if (spec.adds)
			await this.here();
		return true;
	}

	async event(event) {
		/* Who refused a commit is in an epoch of its own. */
		if (this.world.isClosed || this.refused.length > 0)
			return;
		if (!this.group) {
			if (event.type === "welcome")
				await this.welcomed(event);
			return;
		}
		if (event.type === "left" && this.isAuto &&
		    this.present.has(event.participant)) {
			await this.commit({ removes:
			    [this.present.get(event.participant)] });
		} else if (event.type === "joined") {
			await this.here();
		} else if (event.type === "commit") {
			await this.take(event);
		} else if (event.type === "message") {
			await this.message(event);
		}
	}

	async take(event) {
		const { message } = this.meeting.unwrap(unb64(event.message));
		const found = this.group.process(message);
		const adds = found.staged.changes().some((c) => c.type === 1);

		await found.staged.verify();
		try {
			web.conferenceCheck(this.group, found.staged);
		} catch (error) {
			this.refused.push(error.name);
			return;
		}
		this.group.apply(found.staged);
		if (adds)
			await this.here();
	}

	async message(event) {
		const found = this.meeting.unwrap(unb64(event.message));

		if (found.kind === web.Kind.KeyPackage) {
			this.keyPackages.set(event.from, found.message);
			if (this.isAuto)
				await this.add(event.from);
			return;
		}
		try {
			const got = this.group.process(found.message);
			const words = JSON.parse(new TextDecoder()
			    .decode(got.data));

			if (words.type === "here")
				this.present.set(words.participant,
				    got.sender.index);
			this.heard.push([got.sender.index, words]);
		} catch {
			this.heard.push([null, { type: "unopened" }]);
		}
	}

	add(participant) {
		return this.commit({ adds: [this.keyPackages.get(participant)] },
		    [participant]);
	}
}

export class World {
	id = new Uint8Array(randomBytes(16));
	secret = new Uint8Array(randomBytes(16));
	clock = new FakeClock();
	server = new FakeServer();
	pages = [];
	isClosed = false;
	boxes = [];

	static async make() {
		const world = new World();

		world.core = await web.Core.load();
		world.clock.settle = () => world.settle();
		const meeting = web.Meeting.open(world.core, world.id,
		    world.secret);
		world.server.meetings.set(b64(world.id), { tokenHash:
		    createHash("sha256").update(meeting.token).digest("base64"),
		    participants: 100, epoch: null, commits: [],
		    entered: new Map() });
		meeting.free();
		return world;
	}

	get meeting() {
		return this.server.meetings.get(b64(this.id));
	}

	/* Until nothing moves by itself any more. */
	async settle() {
		for (let quiet = 0; quiet < 3;) {
			quiet = this.server.inFlight === 0 ? quiet + 1 : 0;
			await Promise.all([
				...this.pages.map((p) => p.session.settled()),
				...this.boxes.map((b) => b.queue)]);
			await new Promise((done) => setImmediate(done));
		}
	}

	async box(name = "Room 4", credential) {
		const box = new Box(this, name, credential);

		this.boxes.push(box);
		box.create();
		await box.enter();
		return box;
	}

	/* One more box, or a box's telephone lines. */
	async member(name, credential) {
		const box = new Box(this, name, credential);

		this.boxes.push(box);
		await box.join();
		return box;
	}

	/* A page that comes in by the link. */
	page(name, more = {}) {
		const page = { name, wants: [], epochs: [], expects: new Map(), shown:
		    new Map(), tracks: {}, forgets: 0, phases: [] };

		page.session = new Session({ core: this.core, id: this.id,
			secret: this.secret.slice(), name, trust: [],
			clock: this.clock,
			connect: () => this.server.connect(),
			frames: {
				begin: (epoch) => page.epochs.push(epoch),
				expect: (slot, leaf, stream) => page.expects
				    .set(slot, leaf === null ? null :
				    { leaf, stream }),
				forget: () => page.forgets++,
			},
			startMedia: async (ask) => {
				const { slots } = await ask("slots",
				    { transport: 0, audio: 2, video: 2 });

				return { slots, close() {},
					want: (...what) => page.wants.push(what),
					sendTrack: async (source, track) => {
						page.tracks[source] = track;
						if (track)
							await ask("publish", {
								source, kind:
								source === "camera" ?
								"video" : "audio" });
					} };
			},
			changed: () => {
				const phase = page.session?.view.phase;

				if (page.phases.at(-1) !== phase)
					page.phases.push(phase);
			},
			shows: (slots) => { page.shown = slots; },
			...more });
		this.pages.push(page);
		return page;
	}

	async join(name, more) {
		const page = this.page(name, more);

		await this.clock.until(() => page.session.view.phase === "in",
		    10_000);
		return page;
	}

	close() {
		this.isClosed = true; /* boxes do no more */
		for (const page of this.pages)
			page.session.leave();
	}
}

/* A world at the time of day, for browsers. */
export const systemWorld = () => World.make();

/* Members of one epoch see the same code and the same people. */
export function agree(...pages) {
	const views = pages.map((p) => p.session.view);
	const names = (v) => v.people.map((p) =>
	    `${p.leaf} ${p.name} ${p.participant}`).join("\n");

	return views.every((v) => v.phase === "in" && v.code !== "" &&
	    v.epoch === views[0].epoch && v.code === views[0].code &&
	    names(v) === names(views[0]));
}
