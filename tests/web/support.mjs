/* support.mjs - what the tests of the key core share. */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const folder = process.env.KK_WASM ?? "build/wasm";
const load = (name) => import(pathToFileURL(`${folder}/${name}`));

export const web = await load("core.js");
export const { Op } = await load("ops.js");
export const { Writer } = await load("bytes.js");
export const { derToRaw } = await load("verify.js");

export const text = (s) => new TextEncoder().encode(s);
export const untext = (bytes) => new TextDecoder().decode(bytes);
export const stateKey = new Uint8Array(32).fill(7);

export function newClient(core, name, suite = 2, more = {}) {
	const signer = web.Signer.generate(core, web.schemeOf[suite]);

	return new web.Client({ suite, signer, acceptsBasic: true,
		credential: { type: "basic", identity: text(name) }, ...more });
}

/* Asserts that fn throws, or rejects, with CoreError of this name. */
export function refuses(name, fn) {
	assert.throws(fn, (error) => {
		assert.equal(error.name, name);
		return error instanceof web.CoreError;
	});
}

export async function rejects(name, promise) {
	await assert.rejects(promise, (error) => {
		assert.equal(error.name, name);
		return error instanceof web.CoreError;
	});
}

/* Enters a commit of ours. */
export async function accept(group, made) {
	await made.staged.verify();
	group.apply(made.staged);
}

/* Takes in somebody else's commit. */
export async function follow(group, message) {
	const event = group.process(message);

	assert.equal(event.type, "commit");
	await event.staged.verify();
	group.apply(event.staged);
}

export async function join(client, keyPackage, welcome, options) {
	const staged = client.join(keyPackage, welcome, options);

	await staged.verify();
	return staged.takeGroup();
}

/* A group of all clients; the first one made it. */
export async function newMeeting(clients, id = "meeting") {
	const packages = clients.slice(1).map((c) => c.newKeyPackage());
	const first = clients[0].newGroup(text(id));
	const groups = [first];

	if (packages.length > 0) {
		const made = first.commit({
			adds: packages.map((kp) => kp.message) });

		await accept(first, made);
		for (const [i, kp] of packages.entries()) {
			groups.push(await join(clients[i + 1], kp,
			    made.welcome));
			kp.free();
		}
	}
	return groups;
}

export function assertAgree(groups) {
	for (const group of groups.slice(1)) {
		assert.equal(group.state().epoch, groups[0].state().epoch);
		assert.deepEqual(group.authenticator(),
		    groups[0].authenticator());
		assert.deepEqual(group.export("t", text("c"), 40),
		    groups[0].export("t", text("c"), 40));
	}
}
