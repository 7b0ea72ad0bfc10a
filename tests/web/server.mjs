/*
 * server.mjs - a forwarder's signalling, as docs/protocol.md has it: the order
 * of commits, the relay of messages, media that goes nowhere.
 */
import { createHash, randomBytes } from "node:crypto";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("base64");

class Refusal extends Error {
	constructor(code, fields = {}) {
		super(code);
		Object.assign(this, { code, fields });
	}
}

export class FakeServer {
	meetings = new Map();
	links = new Set();
	isUp = true;
	slowAnswers = new Set(); /* types whose answers are held back */
	slowRequests = new Set(); /* types that arrive late */
	held = [];
	log = []; /* requests, as [participant, request] */
	inFlight = 0;
	version = 1;
	refuse = {}; /* type: an error to answer */

	register(id, token, participants = 100) {
		this.meetings.set(id.toString("base64"), { tokenHash:
		    sha256(token), participants, epoch: null, commits: [],
		    entered: new Map() });
	}

	unregister(id) {
		const meeting = this.meetings.get(id.toString("base64"));

		this.meetings.delete(id.toString("base64"));
		for (const link of meeting.entered.values()) {
			link.tell({ type: "closed", reason: "unregistered" });
			this.later(() => link.drop());
		}
	}

	/* Everybody loses the link; what is on the disk stays. */
	stop() {
		this.isUp = false;
		for (const link of [...this.links])
			link.drop();
	}

	start() {
		this.isUp = true;
	}

	meeting(id) {
		return this.meetings.get(id.toString("base64"));
	}

	/* A client's end, as a WebSocket. */
	connect() {
		const socket = { onopen: null, onmessage: null, onclose: null,
			send: (text) => this.later(() => link.take(text)),
			close: () => this.later(() => link.drop()) };
		const link = new Link(this, socket);

		this.later(() => {
			if (!this.isUp) {
				link.drop();
				return;
			}
			this.links.add(link);
			link.isOpen = true;
			socket.onopen?.();
		});
		return socket;
	}

	/* In order, each in a turn of its own. */
	later(run) {
		this.inFlight++;
		setImmediate(() => {
			this.inFlight--;
			run();
		});
	}

	release() {
		for (const send of this.held.splice(0))
			send();
	}
}

class Link {
	isOpen = false;
	isGone = false;
	hasHello = false;
	participant = null;
	sources = new Map();
	transports = 0;
	watches = new Map();

	constructor(server, socket) {
		this.server = server;
		this.socket = socket;
	}

	tell(message) {
		if (this.isOpen)
			this.server.later(() => {
				if (!this.isGone)
					this.socket.onmessage?.({ data:
					    JSON.stringify(message) });
			});
	}

	drop() {
		if (this.isGone)
			return;
		this.isGone = true;
		this.isOpen = false;
		this.server.links.delete(this);
		this.exit("lost");
		this.server.later(() => this.socket.onclose?.());
	}

	exit(reason) {
		if (!this.meeting)
			return;
		this.meeting.entered.delete(this.participant);
		this.others({ type: "left", participant: this.participant,
			reason });
		this.meeting = undefined;
	}

	others(message) {
		for (const link of this.meeting.entered.values())
			if (link !== this)
				link.tell(message);
	}

	take(text) {
		if (!this.isOpen)
			return;
		const request = JSON.parse(text);

		if (this.server.slowRequests.has(request.type)) {
			this.server.held.push(() => this.take(text));
			return;
		}
		this.server.log.push([this.participant, request]);
		const answer = this.#answer(request);
		const send = () => this.tell(answer);

		if (this.server.slowAnswers.has(request.type))
			this.server.held.push(send);
		else
			send();
		/* What was missed comes right after the answer. */
		for (const event of this.missed?.splice(0) ?? [])
			this.tell(event);
	}

	#answer({ type, id, ...fields }) {
		try {
			const refusal = this.server.refuse[type];

			if (refusal)
				throw new Refusal(...refusal);
			if (type !== "hello" && !this.hasHello)
				throw new Refusal("state");
			if (!this[`do_${type}`])
				throw new Refusal("format");
			return { type: "answer", id,
				...this[`do_${type}`](fields) };
		} catch (error) {
			if (!(error instanceof Refusal))
				throw error;
			return { type: "error", id, error: error.code,
				text: error.code, ...error.fields };
		}
	}

	do_hello({ version }) {
		if (version !== this.server.version)
			throw new Refusal("version", { supported:
			    [this.server.version] });
		this.hasHello = true;
		return { version, server: "fake",
			audioLevels: this.server.allowsLevels };
	}

	do_enter({ meeting: id, token, epoch }) {
		const meeting = this.server.meetings.get(id);

		if (!meeting)
			throw new Refusal("unknown-meeting");
		if (sha256(Buffer.from(token, "base64")) !== meeting.tokenHash)
			throw new Refusal("denied");
		if (meeting.entered.size >= meeting.participants)
			throw new Refusal("full");
		const participants = [...meeting.entered].map(([participant,
		    link]) => ({ participant, sources:
		    [...link.sources.values()] }));
		const first = meeting.commits[0]?.epoch ?? meeting.epoch;
		const isBehind = epoch !== undefined && (meeting.epoch === null ||
		    epoch > meeting.epoch || epoch < first);

		this.participant = randomBytes(16).toString("base64");
		this.meeting = meeting;
		this.others({ type: "joined", participant: this.participant });
		meeting.entered.set(this.participant, this);
		this.missed = epoch === undefined || isBehind ? [] :
		    meeting.commits.filter((c) => c.epoch >= epoch);
		return { participant: this.participant, epoch: meeting.epoch,
			participants, isBehind };
	}

	do_begin({ epoch }) {
		if (this.meeting.epoch !== null)
			throw new Refusal("state");
		this.meeting.epoch = epoch;
		return {};
	}

	do_commit({ epoch, message, welcomes }) {
		const meeting = this.meeting;

		if (!meeting || meeting.epoch === null)
			throw new Refusal("state");
		if (epoch !== meeting.epoch)
			throw new Refusal("stale", { epoch: meeting.epoch });
		const event = { type: "commit", epoch, from: this.participant,
			message };

		meeting.epoch++;
		meeting.commits = [...meeting.commits, event].slice(-256);
		for (const link of meeting.entered.values())
			if (link !== this)
				link.tell(event);
		for (const { to, message: welcome } of welcomes)
			meeting.entered.get(to)?.tell({ type: "welcome",
				epoch: meeting.epoch, from: this.participant,
				message: welcome });
		return { epoch: meeting.epoch };
	}

	do_message({ message, to }) {
		const event = { type: "message", from: this.participant,
			message };

		if (to === undefined)
			this.others(event);
		else if (this.meeting.entered.has(to))
			this.meeting.entered.get(to).tell(event);
		else
			throw new Refusal("unknown");
		return {};
	}

	do_transport() {
		return { transport: this.transports++, ufrag: "ufrag",
			pwd: "a".repeat(24), fingerprint: Array(32).fill("AB")
			    .join(":"),
			candidates: [{ address: "127.0.0.1", port: 9,
				protocol: "udp", priority: 1, foundation: "1",
				type: "host" }] };
	}

	do_connect({ transport }) {
		this.server.later(() => this.tell({ type: "transport",
			transport, state: "connected" }));
		return {};
	}

	do_publish({ source, kind }) {
		this.sources.set(source, { source, kind });
		this.others({ type: "published", participant: this.participant,
			source, kind });
		return {};
	}

	do_unpublish({ source }) {
		const known = this.sources.get(source);

		if (!known)
			throw new Refusal("unknown");
		this.sources.delete(source);
		this.others({ type: "unpublished", participant: this.participant,
			...known });
		return {};
	}

	do_slots({ audio, video }) {
		const slots = [];

		for (let i = 0; i < audio + video; i++) {
			const kind = i < audio ? "audio" : "video";

			slots.push({ slot: i, kind, mid: `s${i}`,
				ssrc: 1000 + 2 * i,
				payloadType: kind === "audio" ? 111 : 96,
				...(kind === "audio" ? {} : { rtxSsrc:
				    1001 + 2 * i, rtxPayloadType: 97 }) });
		}
		return { slots, cname: "fake" };
	}

	do_watch({ slots }) {
		for (const { slot, participant, source, loudest } of slots) {
			if (loudest && !this.server.allowsLevels)
				throw new Refusal("denied");
			this.watches.set(slot, loudest ? { loudest } :
			    participant && { participant, source });
		}
		return {};
	}

	do_leave() {
		this.exit("left");
		return {};
	}
}
