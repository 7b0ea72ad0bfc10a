/*
 * tests.ts - window.konklave: what tests read of the page.  A copy, made when it
 * is read; writing to it changes nothing, and nothing secret is in it.
 */

import type { Model } from "./model.js";

export function tests(model: Model) {
	const view = model.view;

	const told = {
		phase: model.phase,
		trouble: model.trouble,
		epoch: view?.epoch,
		code: view?.code,
		participant: view?.participant,
		people: structuredClone(view?.people ?? []),
		conference: structuredClone(model.conference),
		/* How often the server was entered, and how media stand. */
		links: view?.links ?? 0,
		media: view?.media,
		/* Slot: whose, and since which RTP timestamp. */
		senders: [...model.senders.values()].map((s) => ({ ...s })),
		/* Frames sealed, opened by "leaf/stream", dropped by reason. */
		stats: structuredClone(model.stats),
	};

	/* "relay", "tcp" or "direct", for each transport that is up.  Not listed: it is
	 * no data. */
	return Object.freeze(Object.defineProperty(told, "ways",
	    { value: () => model.ways() }));
}
