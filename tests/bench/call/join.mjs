/* join.mjs - from the click on Join to the box's first picture, in Chromium. */
import { pageOpen } from "../../system/browser.mjs";
import { roomStatus, until } from "../../system/rooms.mjs";
import { median } from "./boxes.mjs";

/* Before the page: notes when what it uses is used. */
function spy() {
	const marks = {};
	const mark = (name) => { marks[name] ??= performance.now(); };
	const typeOf = (text) => {
		try {
			return JSON.parse(text).type;
		} catch {
			return "?";
		}
	};
	const Socket = window.WebSocket, Connection = window.RTCPeerConnection;

	window.WebSocket = class extends Socket {
		constructor(...how) {
			super(...how);
			mark("socket");
			this.addEventListener("open", () => mark("open"));
			this.addEventListener("message",
			    ({ data }) => mark(`got ${typeOf(data)}`));
		}
		send(data) {
			mark(`sent ${typeOf(data)}`);
			super.send(data);
		}
	};
	window.RTCPeerConnection = class extends Connection {
		constructor(...how) {
			super(...how);
			this.addEventListener("iceconnectionstatechange", () => {
				if (/connected|completed/.test(this.iceConnectionState))
					mark("ice");
			});
			this.addEventListener("connectionstatechange", () => {
				if (this.connectionState === "connected")
					mark("dtls");
			});
		}
	};
	addEventListener("submit", () => mark("click"), true);
	const timer = setInterval(() => {
		for (const video of document.querySelectorAll("video[data-leaf]")) {
			if (video.getVideoPlaybackQuality().totalVideoFrames > 0) {
				mark("picture");
				clearInterval(timer);
			}
		}
	}, 2);
	window.benchMarks = marks;
}

/* In the order of their coming: what a part ends with. */
const parts = [["signalling", "open"], ["entered, key package sent",
	"sent message"], ["welcome", "got welcome"], ["media asked for",
	"sent connect"], ["ICE", "ice"], ["DTLS", "dtls"],
["first picture", "picture"]];

const peopleAre = (rooms, count) => until(`${count} people`, async () => {
	const all = await Promise.all(rooms.boxes().map(roomStatus));

	return all.every((s) => s.people?.length === count);
}, () => !rooms.run.hasEnded);

async function joinOnce(rooms, browser, stays) {
	const page = await pageOpen(browser, rooms.run.status().link);

	await page.fill("#name", "Greta Guest");
	await page.click("button[type=submit]");
	await until("a picture", () => page.evaluate("window.benchMarks.picture"),
	    () => !rooms.run.hasEnded);
	const marks = await page.evaluate("window.benchMarks");

	await peopleAre(rooms, rooms.boxes().length + 1);
	if (!stays) {
		await page.click(".control.leave");
		await peopleAre(rooms, rooms.boxes().length);
		await page.close();
	}
	return { page, marks };
}

/* Joins so often; the last one's page stays. */
export async function joinsMeasure(rooms, browser, count) {
	const all = [];
	let page;

	await browser.context.addInitScript(spy);
	await peopleAre(rooms, rooms.boxes().length);
	for (let i = 0; i <= count; i++) {
		const one = await joinOnce(rooms, browser, i === count);

		page = one.page;
		if (i > 0) /* the first fills the browser's caches */
			all.push(one.marks);
		else
			console.log(`first join of a new profile: ` +
			    `${Math.round(one.marks.picture - one.marks.click)} ms`);
	}
	return { page, all };
}

export function joinsReport(all) {
	const since = all.map((m) => m.picture - m.click);
	const round = Math.round;

	console.log(`click to first decoded picture, ${all.length} joins: median ` +
	    `${round(median(since))} ms, ${round(Math.min(...since))} to ` +
	    `${round(Math.max(...since))}`);
	console.log("  ms after the click, medians:");
	for (const [name, mark] of parts) {
		const times = all.filter((m) => m[mark]).map((m) => m[mark] - m.click);

		if (times.length)
			console.log(`    ${name.padEnd(28)} ${round(median(times))}`);
	}
}
