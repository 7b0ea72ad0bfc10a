/* ours.mjs - a member that is our core, native or WebAssembly. */
import assert from "node:assert/strict";

import { newClient, stateKey, web } from "../web/support.mjs";

export class OurMember {
	constructor(core, name, suite, kind) {
		this.kind = kind;
		this.name = name;
		this.client = newClient(core, name, suite,
		    { lifetimeSeconds: 20 * 86400 });
	}

	setPsk(id, secret) {
		this.client.setPsk(id, secret);
	}

	async keyPackage() {
		this.kp = this.client.newKeyPackage();
		return this.kp.message;
	}

	async create(id) {
		this.group = this.client.newGroup(id);
	}

	async join(welcome, tree) {
		const staged = this.client.join(this.kp, welcome, { tree });

		await staged.verify();
		this.group = staged.takeGroup();
		this.kp.free();
	}

	/* { commit, accept } */
	async joinExternal(info, tree) {
		const made = this.client.joinExternal(info, { tree });

		await made.staged.verify();
		return { commit: made.commit, accept: async () => {
			this.group = made.staged.takeGroup();
		} };
	}

	async groupInfo(withTree) {
		return this.group.info({ externalPub: true, tree: withTree });
	}

	async tree() {
		return this.group.tree();
	}

	async propose(what, wire) {
		switch (what.type) {
		case "add":
			return this.group.proposeAdd(what.keyPackage, wire);
		case "remove":
			return this.group.proposeRemove(what.leaf, wire);
		case "update":
			return this.group.proposeUpdate(wire);
		default:
			return this.group.proposePsk({ type: "external",
				id: what.pskId }, wire);
		}
	}

	async commit({ adds = [], removes = [], pskIds = [], wire, treeApart,
	    omitPath }) {
		const made = this.group.commit({ adds, removes, wire, treeApart,
			omitPath,
			psks: pskIds.map((id) => ({ type: "external", id })) });

		return { commit: made.commit, welcome: made.welcome,
			accept: async () => {
				assert.ok(made.staged.isOwn(made.commit));
				await made.staged.verify();
				this.group.apply(made.staged);
			} };
	}

	async process(message) {
		const event = this.group.process(message);

		if (event.type === "application")
			return event.data;
		if (event.type === "proposal")
			return undefined;
		await event.staged.verify();
		this.group.apply(event.staged);
		return undefined;
	}

	async protect(data) {
		return this.group.protect(data);
	}

	async restore() {
		const saved = this.group.save(stateKey);

		this.group.free();
		this.group = this.client.restoreGroup(stateKey, saved);
	}

	leaf() {
		return this.group.state().ownLeaf;
	}

	isActive() {
		return this.group.state().isActive;
	}

	async secrets() {
		return { epoch: this.group.state().epoch,
			authenticator: this.group.authenticator(),
			exported: this.group.export("interop",
			    new Uint8Array([1, 2, 3]), 48) };
	}

	free() {
		this.group?.free();
		if (this.kp && !this.kp.isFreed)
			this.kp.free();
		this.client.free();
	}
}

export { web };
