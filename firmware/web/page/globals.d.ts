/* Filled in by build.mjs. */
declare const KK_WORKER: string;
declare module "*.wasm" {
	const url: string;
	export default url;
}
