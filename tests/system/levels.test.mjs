/*
 * levels.test.mjs - where the site allows it, a box and a browser say in clear
 * how loud they are, and the forwarder reads it.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState } from "./browser.mjs";
import { freePorts } from "../sandbox/support.mjs";
import { keep, roomsStart, until } from "./rooms.mjs";
import { varlinkCall } from "./varlink.mjs";

const enough = 100; /* packets: two seconds of one microphone */
let rooms, browser, page, port;

const alive = () => !rooms.run.hasEnded;

before(async () => {
	port = await freePorts(1);
	rooms = await roomsStart({ boxes: 1, args: [
		"--give=sfud:--allow-audio-levels",
		`--give=sfud:--metrics-loopback=${port}`] });
	await rooms.run.running();
});

after(async () => {
	if (rooms)
		writeFileSync(keep("/dev/null", "levels.log"), rooms.run.output);
	await browser?.stop();
	await rooms?.stop();
});

/* Packets that told it, of all workers. */
async function told() {
	const answer = await fetch(`http://127.0.0.1:${port}/metrics`);

	return [...(await answer.text()).matchAll(
	    /^konklave_sfu_audio_levels_total\S* (\d+)$/gm)]
	    .reduce((sum, [, n]) => sum + Number(n), 0);
}

test("a box tells its level", async () => {
	await until("the forwarder has read some", async () =>
	    await told() > enough, alive);
});

test("a browser tells its level, and hears the box as ever", async () => {
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await pageOpen(browser, rooms.run.status().link);
	await pageJoin(page, "Greta Guest");
	await until("both are in, and the box is heard", async () => {
		const { people, stats } = await pageState(page);
		const box = people.find((p) => !p.isSelf);

		return box && stats?.opened?.[`${box.leaf}/0`] > enough;
	}, alive);
	await varlinkCall(rooms.boxes()[0].face, "io.konklave.Room.Leave");
	await until("the page is alone", async () =>
	    (await pageState(page)).people.length === 1, alive);
	const before = await told();

	await until("the forwarder has read some of the page's", async () =>
	    await told() > before + enough, alive);
	assert.deepEqual(page.problems, []);
});
