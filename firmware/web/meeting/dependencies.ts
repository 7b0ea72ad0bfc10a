/*
 * dependencies.ts - the dependency descriptor (RTP Payload Format for AV1,
 * appendix A) in what we send: by it the forwarder knows VP9's layers.
 *
 * mediasoup-client takes it out of the answers that it makes for VP9, since its
 * own server has no use for it (DependencyDescriptorCodecs in RemoteSdp): it is
 * put in again under the number that the browser has offered.
 */

import type { types } from "mediasoup-client";

export const dependenciesUri = "https://aomediacodec.github.io/av1-rtp-spec/" +
    "#dependency-descriptor-rtp-header-extension";

const midOf = (section: string) => /^a=mid:(.*)$/m.exec(section)?.[1]?.trim();
const lineOf = (section: string) => section.split("\r\n").find((line) =>
    line.startsWith("a=extmap:") && line.split(" ")[1] === dependenciesUri);
const sectionsOf = (sdp: string) => sdp.split(/^(?=m=)/m);

/* Lets sections that take VP9 take what was offered with it. */
export function answerComplete(answer: string, offer: string): string {
	const offered = new Map(sectionsOf(offer).slice(1).map((section) =>
	    [midOf(section), lineOf(section)]));

	return sectionsOf(answer).map((section) => {
		const line = offered.get(midOf(section));

		return section.startsWith("m=video") && line !== undefined &&
		    !lineOf(section) && /^a=rtpmap:\d+ VP9\//mi.test(section) ?
		    `${section}${line}\r\n` : section;
	}).join("");
}

/* From now on; where the library has no such part any more, nothing changes, and
 * the forwarder shows all layers or none. */
export function dependenciesKeep(transport: types.Transport): void {
	const { _pc: connection } = transport.handler as unknown as
	    { _pc?: RTCPeerConnection };

	if (!connection)
		return;
	const set = connection.setRemoteDescription.bind(connection) as
	    (description: RTCSessionDescriptionInit) => Promise<void>;

	connection.setRemoteDescription = async ({ type, sdp = "" }:
	    RTCSessionDescriptionInit) => {
		const offer = connection.localDescription?.sdp ?? "";

		await set({ type, sdp: answerComplete(sdp, offer) });
	};
}
