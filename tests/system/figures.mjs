/* figures.mjs - what a browser knows of its own connections. */

/* From now on the pages of this context keep their connections. */
export const connectionsKeep = (context) => context.addInitScript(() => {
	const Plain = RTCPeerConnection;

	window.connections = [];
	window.RTCPeerConnection = class extends Plain {
		constructor(...args) {
			super(...args);
			window.connections.push(this);
		}
	};
});

/*
 * All figures of a kind ("outbound-rtp") that a page's connections have for
 * video, each with the codec's name.
 */
export const figures = (page, kind) => page.evaluate(async (type) => {
	const found = [];

	for (const connection of window.connections) {
		const stats = await connection.getStats();

		for (const one of stats.values()) {
			if (one.type === type && one.kind === "video")
				found.push({ ...one, codec:
				    stats.get(one.codecId)?.mimeType });
		}
	}
	return found;
}, kind);
