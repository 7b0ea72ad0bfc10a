/*
 * signal.ts - the wire to the forwarder (docs/protocol.md, "Signalling").
 *
 * Requests and events are handed on in the order in which the server sent
 * them, from within the socket's message event: `done` of ask() runs before
 * the next event does.
 */

import type { Clock, Timer } from "./clock.js";

export const version = 1;
export const subprotocol = "konklave.1";
const requestMs = 10_000;
const messageMaxBytes = 3 * 1024 * 1024;

export type Fields = Record<string, unknown>;

/* An error of the table, or "lost": no answer, the link is gone. */
export class SignalError extends Error {
	readonly code: string;
	readonly fields: Fields;

	constructor(code: string, fields: Fields = {}) {
		super(typeof fields.text === "string" ? fields.text : code);
		this.name = "SignalError";
		this.code = code;
		this.fields = fields;
	}
}

export type Done = (error: SignalError | null, answer: Fields) => void;

/* What is used of a WebSocket. */
export interface Socket {
	send(text: string): void;
	close(code?: number): void;
	onopen: (() => void) | null;
	onmessage: ((event: { data: unknown }) => void) | null;
	onclose: (() => void) | null;
}

export interface SignalHandlers {
	open(): void;
	event(event: Fields & { type: string }): void;
	/* Once, and nothing after it. */
	closed(): void;
}

export class Signal {
	readonly #socket: Socket;
	readonly #clock: Clock;
	readonly #handlers: SignalHandlers;
	readonly #asked = new Map<number, { done: Done; timer: Timer }>();
	#lastId = 0;
	#isClosed = false;

	constructor(socket: Socket, clock: Clock, handlers: SignalHandlers) {
		this.#socket = socket;
		this.#clock = clock;
		this.#handlers = handlers;
		const opening = clock.after(requestMs, () => this.close());

		socket.onopen = () => {
			opening.cancel();
			if (!this.#isClosed)
				handlers.open();
		};
		socket.onmessage = (event) => this.#take(event.data);
		socket.onclose = () => {
			opening.cancel();
			this.#end();
		};
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/* done is called once, with an error where the link breaks. */
	ask(type: string, fields: Fields, done: Done): void {
		const id = ++this.#lastId;

		if (this.#isClosed) {
			done(new SignalError("lost"), {});
			return;
		}
		/* A server that does not answer is as good as gone. */
		const timer = this.#clock.after(requestMs, () => this.close());

		this.#asked.set(id, { done, timer });
		this.#socket.send(JSON.stringify({ ...fields, type, id }));
	}

	request(type: string, fields: Fields = {}): Promise<Fields> {
		return new Promise((resolve, reject) => {
			this.ask(type, fields, (error, answer) => {
				if (error)
					reject(error);
				else
					resolve(answer);
			});
		});
	}

	close(): void {
		this.#socket.close();
		this.#end();
	}

	#end(): void {
		if (this.#isClosed)
			return;
		this.#isClosed = true;
		const asked = [...this.#asked.values()];

		this.#asked.clear();
		for (const { done, timer } of asked) {
			timer.cancel();
			done(new SignalError("lost"), {});
		}
		this.#handlers.closed();
	}

	/* What breaks on a message is the server's fault: whoever sends fields
	 * of another kind than the protocol's is none. */
	#take(data: unknown): void {
		const message = parse(data);

		if (this.#isClosed)
			return;
		try {
			if (!message)
				throw new TypeError("no message");
			if (message.type === "answer" ||
			    message.type === "error")
				this.#answer(message);
			else
				this.#handlers.event(message);
		} catch {
			this.close();
		}
	}

	#answer(message: Fields & { type: string }): void {
		const asked = this.#asked.get(message.id as number);

		if (!asked)
			return;
		this.#asked.delete(message.id as number);
		asked.timer.cancel();
		if (message.type === "answer")
			asked.done(null, message);
		else
			asked.done(new SignalError(
			    typeof message.error === "string" ? message.error :
			    "internal", message), {});
	}
}

function parse(data: unknown): (Fields & { type: string }) | null {
	if (typeof data !== "string" || data.length > messageMaxBytes)
		return null;
	try {
		const value: unknown = JSON.parse(data);

		if (typeof value !== "object" || value === null ||
		    typeof (value as Fields).type !== "string")
			return null;
		return value as Fields & { type: string };
	} catch {
		return null;
	}
}
