/*
 * admission.test.mjs - a telephone at the door of a locked meeting: all see that
 * it waits, a host's page lets it in, and a label that allows no telephones ends
 * its call.  By the programs that `make run` starts.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { browserStart, pageJoin, pageOpen, pageState } from "./browser.mjs";
import { phoneStart } from "./phones.mjs";
import { roomPicture, roomsStart, roomStatus, until } from "./rooms.mjs";
import { varlinkCall } from "./varlink.mjs";

let rooms, browser, page, phone;

const alive = () => !rooms.run.hasEnded;
const box = () => rooms.boxes()[0];
const ask = (method, parameters) => varlinkCall(box().face,
    `io.konklave.Room.${method}`, parameters);
const conference = async () => (await pageState(page)).conference;

before(async () => {
	rooms = await roomsStart({ boxes: 1, lines: 2, args: [
		"--give=roomd:--label=Intern",
		"--give=roomd:--label-no-lines=Geheim"] });
	phone = await phoneStart({ name: "anna", folder: rooms.folder,
		speech: rooms.speeches[1], codec: "pcma" });
	await rooms.run.running();
	browser = await browserStart({ film: rooms.film,
		speech: rooms.speeches[0] });
	page = await pageOpen(browser, rooms.run.status().link);
	await pageJoin(page, "Greta");
	await until("the room sees the guest", async () =>
	    (await roomStatus(box())).people.some((p) => p.name === "Greta"),
	alive);
});

after(async () => {
	await phone?.stop();
	await browser?.stop();
	await rooms?.stop();
	mkdirSync(process.env.KK_OUT, { recursive: true });
	for (const [name, of] of [["phone", phone], ["rooms", rooms?.run]])
		writeFileSync(join(process.env.KK_OUT, `admission-${name}.log`),
		    of?.output ?? "");
});

async function call() {
	phone.events.length = 0;
	await phone.dial(
	    `sip:konklave@127.0.0.1:${rooms.run.status().lines.sip}`);
	await phone.until("it is answered", () => {
		assert.ok(!phone.has("CALL_CLOSED"), phone.output);
		return phone.has("CALL_ESTABLISHED");
	});
	const { number, pin } = rooms.run.status().lines;

	await phone.keys(`${number}#${pin}#`);
}

const hungUp = () => phone.until("its call is over", () =>
    phone.has("CALL_CLOSED"));
const waits = (count) => until(`${count} wait`, async () =>
    (await conference()).waiting.length === count, alive);

test("a room makes a guest's page host, and it locks the meeting", async () => {
	const { leaf } = (await roomStatus(box())).people.find((p) =>
	    p.name === "Greta");

	await ask("HostSet", { leaf, isHost: true });
	await until("it is host", async () => (await conference()).isHost,
	alive);
	await page.keyboard.press("p");
	await page.locator("#host-lock").click();
	await until("it is locked", async () =>
	    (await roomStatus(box())).isLocked, alive);
});

test("who calls waits, and room, picture and page say so", async () => {
	await call();
	await waits(1);
	await until("the picture says it", () => /^1 caller waits to be let in: /
	    .test(roomPicture(box())?.waiting), alive);
	assert.match(roomPicture(box()).waiting, /unverified “.?anna/);
	assert.equal(roomPicture(box()).lines, ""); /* nobody is on a line */
	assert.deepEqual((await roomStatus(box())).lines.map((l) =>
	    [l.label, l.origin, l.waits]), [["anna", "caller", true]]);
	assert.deepEqual((await conference()).lines, []);
});

test("who is refused is told so, and its call ends", async () => {
	await page.locator("[data-testid=waiting]").getByRole("button",
	    { name: /^Refuse/ }).click();
	await hungUp();
	await waits(0);
});

test("who is let in is a line that all are told of", async () => {
	await call();
	await waits(1);
	await page.locator("[data-testid=waiting]").getByRole("button",
	    { name: /^Let in/ }).click();
	await until("it is in", async () =>
	    (await conference()).lines.length === 1, alive);
	await until("the picture says it", () =>
	    /^1 telephone line, unprotected/.test(roomPicture(box())?.lines) &&
	    roomPicture(box()).waiting === "", alive);
});

test("a label that allows no telephones ends the call at once", async () => {
	await assert.rejects(ask("Label", { label: "Offen" }), /Denied/);
	await ask("Label", { label: "Geheim" });
	await page.locator(".mark.label", { hasText: "Geheim" }).waitFor();
	const { lines, forbidsLines } = await conference();

	assert.deepEqual([lines.length, forbidsLines], [0, true]);
	await hungUp();
});
