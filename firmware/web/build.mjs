/*
 * build.mjs - bundles the guest's page.
 *
 * usage: node build.mjs JS OUT
 * JS has what TypeScript made (page/, meeting/, core/) and page/index.html;
 * OUT gets index.html and assets/, whose names change with their content, each
 * with a .gz beside it, and the licences of what is inside.
 */
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

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

/* What the packages in the bundle want to be told with it. */
async function licences(result) {
	const names = new Set(Object.keys(result.metafile.inputs).flatMap(
	    (input) => input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ??
	    []));
	const texts = [];

	for (const name of [...names].sort()) {
		const folder = `${js}/../node_modules/${name}`;
		const file = (await readdir(folder)).find((f) =>
		    /^licen[cs]e/i.test(f));

		texts.push(`${name}\n\n${file ? await readFile(
		    `${folder}/${file}`, "utf8") : JSON.parse(await readFile(
		    `${folder}/package.json`, "utf8")).license}`);
	}
	return texts.join("\n\n----\n\n");
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
await writeFile(`${out}/licences.txt`, await licences(page));
for (const name of ["index.html", "icon.svg", "licences.txt",
	...(await readdir(`${out}/assets`)).map((file) => `assets/${file}`)])
	await writeFile(`${out}/${name}.gz`, gzipSync(
	    await readFile(`${out}/${name}`), { level: 9 }));
