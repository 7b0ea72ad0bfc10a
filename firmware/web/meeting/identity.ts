/* identity.ts - who we are in one meeting: keys that live for a visit. */

import { Client, type Core, Meeting, Signer, Suite, schemeOf }
	from "../core/core.js";

/* The meeting's state stands there (docs/protocol.md). */
const stateExtension = 0xff4b;

export class Identity {
	readonly id: Uint8Array;
	readonly meeting: Meeting;
	readonly suite = Suite.P384;
	readonly #core: Core;
	readonly #name: string;
	readonly #trust: Uint8Array[];
	#client: Client;

	/* trust: the site's CA certificates; the caller wipes the secret. */
	constructor(core: Core, id: Uint8Array, secret: Uint8Array,
	    name: string, trust: Uint8Array[]) {
		this.#core = core;
		this.id = id;
		this.#name = name;
		this.#trust = trust;
		this.meeting = Meeting.open(core, id, secret);
		this.#client = this.#newClient();
	}

	get client(): Client {
		return this.#client;
	}

	/* New keys: whoever had the old ones knows nothing of us. */
	renew(): void {
		this.#client.free();
		this.#client = this.#newClient();
	}

	close(): void {
		this.#client.free();
		this.meeting.free();
		this.meeting.token.fill(0);
	}

	#newClient(): Client {
		const signer = Signer.generate(this.#core,
		    schemeOf[this.suite]);
		const client = new Client({ suite: this.suite, signer,
			credential: { type: "basic",
				identity: new TextEncoder().encode(this.#name) },
			acceptsBasic: true, refusesPublicHandshake: true,
			extensions: [stateExtension] });

		signer.free(); /* the client keeps it alive */
		for (const certificate of this.#trust)
			client.addTrust("ca", certificate);
		this.meeting.admit(client);
		return client;
	}
}

/* The certificates of a PEM file, one by one. */
export function pemBlocks(pem: string): Uint8Array[] {
	const blocks = pem.match(
	    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);

	return (blocks ?? []).map((block) =>
	    new TextEncoder().encode(`${block}\n`));
}
