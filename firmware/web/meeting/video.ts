/*
 * video.ts - in which form the camera's picture is sent, as the site has chosen
 * (docs/protocol.md, "The link"): VP8 in up to three sizes, or VP9 with three
 * sizes and three rates in one stream (W3C's Scalable Video Coding, 5).
 */

import type { types } from "mediasoup-client";

/* vp9: a size needs the smaller ones in key frames alone, so who sees it is sent
 * no other.  vp9-l3t3: in all frames, which needs fewer bits from the sender. */
export const videoForms = ["vp8", "vp9", "vp9-l3t3"] as const;
export type VideoForm = typeof videoForms[number];

/* Not known: VP8, which everybody takes. */
export const videoFormRead = (value: unknown): VideoForm =>
    videoForms.find((form) => form === value) ?? "vp8";

export const vp9Encodings = (form: VideoForm)
    : types.RtpEncodingParameters[] => [{ maxBitrate: 1_500_000,
	scalabilityMode: form === "vp9-l3t3" ? "L3T3" : "L3T3_KEY" }];

/* The form, or VP8 where this browser cannot send it. */
export async function videoFormFor(form: VideoForm): Promise<VideoForm> {
	const [{ scalabilityMode } = {}] = vp9Encodings(form);

	if (form === "vp8")
		return form;
	try {
		const can = await navigator.mediaCapabilities.encodingInfo({
			type: "webrtc", video: { contentType: "video/VP9",
				width: 1280, height: 720, bitrate: 1_500_000,
				framerate: 30, scalabilityMode } });

		return can.supported ? form : "vp8";
	} catch {
		return "vp8"; /* it has never heard of it */
	}
}
