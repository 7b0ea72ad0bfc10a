/* What Emscripten's file exports; api.c has the functions. */
export interface CoreModule {
	readonly HEAPU8: Uint8Array;
	_core_open(): number;
	_core_close(core: number): void;
	_core_in(core: number, bytes: number): number;
	_core_run(core: number, op: number): number;
	_core_out(core: number): number;
	_core_out_bytes(core: number): number;
	_core_done(core: number): void;
	_core_err_name(err: number): number;
	_core_err_text(err: number): number;
}

export default function createModule(options?: {
	wasmBinary?: Uint8Array | ArrayBuffer;
	locateFile?: (name: string) => string;
}): Promise<CoreModule>;
