/* module.ts - the WebAssembly module, its errors and its handles. */

import createModule, { type CoreModule } from "./konklave-core.mjs";
import { Reader, Writer } from "./bytes.js";
import { Op } from "./ops.js";
import { KeyCache } from "./verify.js";

/* An error of the core; name is "KK_EAUTH" and the like (base/err.h). */
export class CoreError extends Error {
	constructor(name: string, text: string) {
		super(text);
		this.name = name;
	}
}

/* How calls reach the C code.  Tests have one more, to a native program. */
export interface Transport {
	/* input is borrowed; output is the caller's */
	call(op: Op, input: Uint8Array): { err: number; output: Uint8Array };
	errName(err: number): string;
	errText(err: number): string;
	memoryBytes(): number;
	close(): void;
}

class WasmTransport implements Transport {
	readonly #module: CoreModule;
	readonly #core: number;

	constructor(module: CoreModule) {
		this.#module = module;
		this.#core = module._core_open();
		if (!this.#core)
			throw new CoreError("KK_ENOMEM", "no memory");
	}

	call(op: Op, input: Uint8Array): { err: number; output: Uint8Array } {
		const m = this.#module;
		const at = m._core_in(this.#core, input.length);

		if (!at)
			throw new CoreError("KK_ELIMIT", "too long, or no memory");
		m.HEAPU8.set(input, at);
		try {
			const err = m._core_run(this.#core, op);
			const from = m._core_out(this.#core);
			const bytes = m._core_out_bytes(this.#core);

			/* The memory may have grown: HEAPU8 is asked for again. */
			return { err, output: m.HEAPU8.slice(from, from + bytes) };
		} finally {
			m._core_done(this.#core);
		}
	}

	#text(at: number): string {
		const heap = this.#module.HEAPU8;

		return new TextDecoder().decode(
		    heap.slice(at, heap.indexOf(0, at)));
	}

	errName(err: number): string {
		return this.#text(this.#module._core_err_name(err));
	}

	errText(err: number): string {
		return this.#text(this.#module._core_err_text(err));
	}

	memoryBytes(): number {
		return this.#module.HEAPU8.length;
	}

	close(): void {
		this.#module._core_close(this.#core);
	}
}

export interface LoadOptions {
	wasmBinary?: Uint8Array | ArrayBuffer;
	locateFile?: (name: string) => string;
}

/* The key core.  Everything made by one belongs to it. */
export class Core {
	readonly #transport: Transport;
	#isClosed = false;
	/* A net for what nobody freed: better late than never. */
	readonly #registry = new FinalizationRegistry<number>((handle) => {
		this.release(handle);
	});
	readonly keys = new KeyCache();

	constructor(transport: Transport) {
		this.#transport = transport;
	}

	static async load(options: LoadOptions = {}): Promise<Core> {
		return new Core(new WasmTransport(await createModule(options)));
	}

	/* Runs an operation; throws CoreError. */
	call(op: Op, input: Writer): Reader {
		if (this.#isClosed)
			throw new CoreError("KK_ESTATE", "the core is closed");
		try {
			const { err, output } = this.#transport.call(op,
			    input.bytes);

			if (err)
				throw new CoreError(
				    this.#transport.errName(err),
				    this.#transport.errText(err));
			return new Reader(output);
		} finally {
			input.wipe();
		}
	}

	/* What the core has taken from the system so far. */
	get memoryBytes(): number {
		return this.#transport.memoryBytes();
	}

	watch(thing: Thing, handle: number): void {
		this.#registry.register(thing, handle, thing);
	}

	unwatch(thing: Thing): void {
		this.#registry.unregister(thing);
	}

	release(handle: number): void {
		if (!this.#isClosed)
			this.#transport.call(Op.handle_free,
			    new Writer().u32(handle).bytes);
	}

	/* Frees all that was made by this core. */
	close(): void {
		if (!this.#isClosed)
			this.#transport.close();
		this.#isClosed = true;
	}
}

/* Something that lives in the core until free(). */
export class Thing {
	readonly core: Core;
	#handle: number;

	constructor(core: Core, handle: number) {
		this.core = core;
		this.#handle = handle;
		core.watch(this, handle);
	}

	get handle(): number {
		if (!this.#handle)
			throw new CoreError("KK_ENOENT", "freed already");
		return this.#handle;
	}

	get isFreed(): boolean {
		return !this.#handle;
	}

	/* Throws CoreError KK_ENOENT the second time. */
	free(): void {
		this.core.release(this.gone());
	}

	/* The handle is somebody else's, or nobody's, from now on. */
	protected gone(): number {
		const handle = this.handle;

		this.#handle = 0;
		this.core.unwatch(this);
		return handle;
	}

	/* A call whose first argument is this. */
	protected ask(op: Op, add?: (w: Writer) => void): Reader {
		const w = new Writer().u32(this.handle);

		add?.(w);
		return this.core.call(op, w);
	}
}

/* Seconds since 1970, as the core wants them. */
export function nowSeconds(): number {
	return Math.floor(Date.now() / 1000);
}
