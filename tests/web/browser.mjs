/*
 * browser.mjs - the built page in Chromium, with a forwarder that is ours.
 *
 * The page comes from a server on localhost, under the policy that webd gives
 * it; its WebSocket ends in a FakeServer.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname } from "node:path";

import { systemWorld } from "./world.mjs";

const modules = process.env.KK_WEB_MODULES ??
    "build/npm/firmware/web/node_modules";
const folder = process.env.KK_WEB ?? "build/web";
const require = createRequire(`${process.cwd()}/`);
const fromNpm = (name) => require(modules.startsWith("/") ?
    `${modules}/${name}` : `${process.cwd()}/${modules}/${name}`);

export const { chromium } = fromNpm("playwright-core");
const axe = readFileSync(`${modules}/axe-core/axe.min.js`, "utf8");
const shots = process.env.KK_SHOTS;
export const policy = "default-src 'self'; " +
    "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:; " +
    "style-src 'self'";

const types = { ".html": "text/html", ".js": "text/javascript", ".css":
    "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml",
    ".json": "application/json" };
const loopbackPort = 4999;

export class Site {
	config = { site: "Haus am Fluss", signal: { port: 4998, loopbackPort } };

	async start() {
		this.server = createServer(async (request, answer) => {
			const path = request.url === "/" ? "/index.html" :
			    request.url;

			answer.setHeader("Content-Security-Policy", policy);
			answer.setHeader("Content-Type", types[extname(path)] ??
			    "text/plain");
			try {
				answer.end(path === "/config.json" ?
				    JSON.stringify(this.config) :
				    await readFile(`${folder}${path}`));
			} catch {
				answer.statusCode = 404;
				answer.end();
			}
		});
		await new Promise((done) => this.server.listen(0, "localhost",
		    done));
		this.origin = `http://localhost:${this.server.address().port}`;
	}

	stop() {
		this.server.closeAllConnections();
		this.server.close();
	}
}

export async function launch(more = []) {
	return chromium.launch({ executablePath: "/usr/bin/chromium",
		headless: true, args: ["--no-sandbox", "--disable-gpu",
			"--disable-quic", "--no-first-run",
			"--disable-background-networking",
			"--disable-component-update", "--disable-sync",
			"--use-fake-device-for-media-stream",
			"--use-fake-ui-for-media-stream", ...more] });
}

const url64 = (bytes) => Buffer.from(bytes).toString("base64url");

/* One page with a world of its own; what it complains about is kept. */
export async function openPage(browser, site, options = {}) {
	const world = options.world ?? await systemWorld();
	const context = await browser.newContext({ locale:
	    options.locale ?? "en-GB", viewport: options.viewport ??
	    { width: 1280, height: 800 }, colorScheme: options.scheme ?? "light",
	    reducedMotion: "reduce",
	    permissions: options.permissions ?? ["camera", "microphone"] });
	const page = await context.newPage();
	const complaints = [];

	page.setDefaultTimeout(60_000); /* a busy machine is no fault */

	page.on("console", (m) => {
		if (m.type() === "error" || m.type() === "warning")
			complaints.push(m.text());
	});
	page.on("pageerror", (error) => complaints.push(String(error)));
	page.on("request", (request) => {
		const url = request.url();

		if (!url.startsWith(site.origin) && !url.startsWith("blob:"))
			complaints.push(`request to ${url}`);
	});
	await page.routeWebSocket(`ws://localhost:${loopbackPort}/`, (ws) => {
		const socket = world.server.connect();
		const waiting = [];
		let isOpen = false;

		ws.onMessage((text) => isOpen ? socket.send(text) :
		    waiting.push(text));
		ws.onClose(() => socket.close());
		socket.onopen = () => {
			isOpen = true;
			for (const text of waiting.splice(0))
				socket.send(text);
		};
		socket.onmessage = ({ data }) => ws.send(data);
		socket.onclose = () => ws.close().catch(() => {});
	});
	if (options.init)
		await page.addInitScript(options.init);
	await page.goto(`${site.origin}/${options.hash ??
	    `#1.${url64(world.id)}.${url64(options.secret ?? world.secret)}`}`);
	return { page, world, context, complaints };
}

export async function joinMeeting(page, name) {
	await page.locator("#name").fill(name);
	await page.locator("form button[type=submit]").click();
	await page.waitForFunction(() => ["in", "trouble"].includes(
	    window.konklave.phase), null, { timeout: 60_000 });
	assert.equal(await page.evaluate(() => window.konklave.trouble),
	    undefined);
}

/* Kept where KK_SHOTS names a folder. */
export async function shot(page, name) {
	if (!shots)
		return;
	mkdirSync(shots, { recursive: true });
	await page.screenshot({ path: `${shots}/${name}.png` });
}

/* Nothing that axe-core knows to be a hindrance. */
export async function assertAccessible(page, name) {
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => window.axe.run(
	    document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
		"wcag22aa", "best-practice"] }));

	assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) =>
	    n.html).join(" ")}`), [], name);
}

export async function assertNoOverflow(page, name) {
	const { wide, width } = await page.evaluate(() => ({ width: innerWidth,
		wide: [...document.querySelectorAll("body *")].filter((e) => {
			const box = e.getBoundingClientRect();
			const style = getComputedStyle(e);

			return box.width > 1 && style.clipPath === "none" &&
			    box.right > innerWidth + 1 &&
			    !e.closest(".languages");
		}).map((e) => e.outerHTML.slice(0, 80)) }));

	assert.deepEqual(wide, [], `${name} at ${width}`);
}

export const say = (page, name) => page.waitForFunction((t) =>
    document.body.innerText.includes(t), name, { timeout: 60_000 });
