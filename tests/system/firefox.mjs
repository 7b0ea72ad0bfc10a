/*
 * firefox.mjs - Firefox with the page, as a guest has it.
 *
 * It is driven by WebDriver BiDi: playwright knows only a Firefox of its own
 * making, not Debian's.
 */
import { createRequire } from "node:module";
import { join } from "node:path";

const puppeteer = createRequire(join(process.env.KK_FIREFOX_MODULES, "x"))(
    "puppeteer-core");

/* Its camera shows colours that change, its microphone gives a tone. */
export async function firefoxStart() {
	const browser = await puppeteer.launch({ browser: "firefox",
		executablePath: "/usr/bin/firefox-esr", headless: true,
		protocolTimeout: 600000, timeout: 600000,
		extraPrefsFirefox: {
			"intl.accept_languages": "en-GB",
			"media.autoplay.default": 0,
			"media.navigator.permission.disabled": true,
			"media.navigator.streams.fake": true,
			"media.peerconnection.ice.loopback": true,
		} });

	return { browser, stop: () => browser.close() };
}

/* Opens a link and keeps what the page complains of. */
export async function firefoxOpen({ browser }, link) {
	const page = await browser.newPage();

	page.problems = [];
	page.on("pageerror", (error) => page.problems.push(String(error)));
	page.on("console", (line) => {
		if (line.type() === "error")
			page.problems.push(line.text());
	});
	await page.goto(link);
	return page;
}
