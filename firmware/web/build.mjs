/*
 * build.mjs - bundles the guest's page.
 *
 * usage: node build.mjs JS OUT
 * JS has what TypeScript made (page/, meeting/, core/) and page/index.html;
 * OUT gets index.html and assets/, whose names change with their content.
 */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const [js, out] = process.argv.slice(2);
const { build } = (await import(pathToFileURL(
    `${js}/../node_modules/esbuild/lib/main.js`))).default;

const shared = { bundle: true, minify: true, metafile: true, outdir: out,
	entryNames: "assets/[name]-[hash]", assetNames: "assets/[name]-[hash]",
	publicPath: "/", target: ["chrome120", "firefox128", "safari17"],
	legalComments: "linked", logLevel: "warning",
	loader: { ".wasm": "file", ".svg": "file" } };

/* The address of the output that came from an entry. */
function outputOf(result, entry) {
	const [name] = Object.entries(result.metafile.outputs).find(
	    ([, made]) => made.entryPoint && basename(made.entryPoint) === entry);

	return `/assets/${basename(name)}`;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const worker = await build({ ...shared, format: "iife",
	entryPoints: [`${js}/meeting/worker.js`] });
const page = await build({ ...shared, format: "esm",
	/* Emscripten's file asks for it under Node alone. */
	external: ["module"],
	define: { KK_WORKER: JSON.stringify(outputOf(worker, "worker.js")),
		"process.env.NODE_ENV": '"production"' },
	entryPoints: [`${js}/page/main.js`, `${js}/page/style.css`] });
const html = await readFile(`${js}/page/index.html`, "utf8");

await cp(`${js}/page/icon.svg`, `${out}/icon.svg`);
await writeFile(`${out}/index.html`, html
    .replace("@STYLE@", outputOf(page, "style.css"))
    .replace("@SCRIPT@", outputOf(page, "main.js")));
