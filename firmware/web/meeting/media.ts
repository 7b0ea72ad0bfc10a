/*
 * media.ts - the browser's WebRTC, spoken to by mediasoup-client: it knows the
 * differences between browsers, and makes the SDP that the forwarder has not.
 *
 * No frame leaves unsealed: the transform is set before the sender has a
 * description, and it drops what it has no key for.
 */

import { Device, type types } from "mediasoup-client";

import { systemClock } from "./clock.js";
import { Stream, type MediaKind } from "./frames.js";
import { Restart } from "./restart.js";
import type { Fields } from "./signal.js";
import type { Slot } from "./slots.js";
import type { TransformOptions } from "./worker.js";
import { dependenciesKeep, dependenciesUri } from "./dependencies.js";
import { videoFormFor, vp9Encodings, type VideoForm } from "./video.js";

export type { Device };
type Ask = (type: string, fields: Fields) => Promise<Fields>;

/* What fills a screen, and more voices than can be told apart.  Each is a
 * section of the SDP, so more of them would make joining slower. */
export const slotCounts = { audio: 8, video: 9 };
const level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"; /* RFC 6464 */
const uri = "urn:ietf:params:rtp-hdrext:sdes:mid";
const rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const repairedRid = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
const twcc = "http://www.ietf.org/id/" +
    "draft-holmer-rmcat-transport-wide-cc-extensions-01";
const absSendTime =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

const videoFeedback: types.RtcpFeedback[] = [{ type: "nack" },
	{ type: "nack", parameter: "pli" }, { type: "transport-cc" }];

/* What the forwarder takes (docs/protocol.md, "Media").  No audio level, but by
 * levelCapability. */
const capabilities: types.RtpCapabilities = {
	codecs: [
		{ kind: "audio", mimeType: "audio/opus", clockRate: 48000,
			channels: 2, preferredPayloadType: 111,
			parameters: { cbr: 1, useinbandfec: 1, usedtx: 0 },
			rtcpFeedback: [{ type: "transport-cc" }] },
		{ kind: "video", mimeType: "video/VP8", clockRate: 90000,
			preferredPayloadType: 96, parameters: {},
			rtcpFeedback: videoFeedback },
		{ kind: "video", mimeType: "video/rtx", clockRate: 90000,
			preferredPayloadType: 97, parameters: { apt: 96 },
			rtcpFeedback: [] },
		{ kind: "video", mimeType: "video/VP9", clockRate: 90000,
			preferredPayloadType: 98,
			parameters: { "profile-id": 0 },
			rtcpFeedback: videoFeedback },
		{ kind: "video", mimeType: "video/rtx", clockRate: 90000,
			preferredPayloadType: 99, parameters: { apt: 98 },
			rtcpFeedback: [] },
	],
	headerExtensions: (["audio", "video"] as const).flatMap((kind) => [
		{ kind, uri: uri as types.RtpHeaderExtensionUri,
			preferredId: 1, direction: "sendrecv" as const },
		{ kind, uri: absSendTime as types.RtpHeaderExtensionUri,
			preferredId: 4, direction: "sendrecv" as const },
		{ kind, uri: twcc as types.RtpHeaderExtensionUri,
			preferredId: 5, direction: "sendrecv" as const },
	]).concat(([[rid, 2], [repairedRid, 3], [dependenciesUri, 6]] as const).map(
	    ([name, preferredId]) => ({ kind: "video" as const,
		uri: name as types.RtpHeaderExtensionUri, preferredId,
		/* By the forwarder alone: slots have one encoding, and show
		 * what is left of its layers. */
		direction: "recvonly" as never }))),
};

/* Where the forwarder's site allows it. */
const levelCapability: types.RtpHeaderExtension = { kind: "audio",
	uri: level as types.RtpHeaderExtensionUri, preferredId: 7,
	direction: "recvonly" as never };

/* The sizes of a camera's picture, from small to large, each with three temporal
 * layers.  Not more of them than Chromium sends of a picture of this size
 * (kSimulcastFormats in media/engine/simulcast.cc): it would leave out the
 * largest. */
function encodingsFor({ width = 0, height = 0 }: MediaTrackSettings)
    : types.RtpEncodingParameters[] {
	const pixels = width * height;
	const scales = pixels >= 960 * 540 ? [4, 2, 1] :
	    pixels >= 480 * 270 ? [2, 1] : [1];

	if (scales.length === 1)
		return [{ maxBitrate: 1_500_000 }];
	return scales.map((scale) => ({ scaleResolutionDownBy: scale,
		maxBitrate: scale === 1 ? 1_500_000 : scale === 2 ? 450_000 :
		    150_000, scalabilityMode: "L1T3" }));
}

/* Of a shared screen: sharp rather than smooth, and a small one for those who
 * draw it as a tile. */
function screenEncodings({ width = 0, height = 0 }: MediaTrackSettings)
    : types.RtpEncodingParameters[] {
	const large = { scaleResolutionDownBy: 1, maxBitrate: 2_500_000,
		maxFramerate: 15, scalabilityMode: "L1T3" };

	return width * height < 960 * 540 ? [large] : [{
		scaleResolutionDownBy: 2, maxBitrate: 400_000,
		maxFramerate: 5, scalabilityMode: "L1T3" }, large];
}

export interface SlotTrack extends Slot {
	track: MediaStreamTrack;
}

/* The site's STUN and TURN servers. */
export interface IceSettings {
	servers: { urls: string; username?: string; credential?: string }[];
	relayOnly: boolean; /* no way but over TURN */
}

/* "relay": no TURN server lets us in, or answers. */
export type MediaTrouble = "blocked" | "relay";

export interface MediaHost {
	ask: Ask;
	worker: Worker;
	ice: IceSettings; /* passwords in it last for a while */
	video: VideoForm; /* that the site wants */
	/* The transport does not come up, or went down. */
	lost(trouble: MediaTrouble): void;
}

const sources = {
	microphone: { kind: "audio", stream: Stream.Microphone },
	camera: { kind: "video", stream: Stream.Camera },
	screen: { kind: "video", stream: Stream.Screen },
} as const;
export type SendSource = keyof typeof sources;

export class Media {
	readonly #host: MediaHost;
	readonly #device: Device;
	#form: VideoForm = "vp8"; /* of the camera */
	#send: types.Transport | undefined;
	#receive: types.Transport | undefined;
	readonly #producers = new Map<SendSource,
	    { producer: types.Producer; encodings: number }>();
	readonly #busy = new Map<SendSource, Promise<void>>();
	readonly #restarts: Restart[] = [];
	#isClosed = false;
	slots: SlotTrack[] = [];

	private constructor(host: MediaHost, device: Device) {
		this.#host = host;
		this.#device = device;
	}

	/* Asks the browser what it can do; it takes a while, so before joining.
	 * Rejects where it cannot do what is needed.  tellsLevel: what it sends
	 * says in clear how loud it is. */
	static async prepare(tellsLevel = false): Promise<Device> {
		const device = await Device.factory();
		const headerExtensions = [...capabilities.headerExtensions!,
			...(tellsLevel ? [levelCapability] : [])];

		await device.load({ routerRtpCapabilities:
		    { ...capabilities, headerExtensions } });
		return device;
	}

	static async start(host: MediaHost, device: Device): Promise<Media> {
		const media = new Media(host, device);

		try {
			media.#form = await videoFormFor(host.video);
			await Promise.all([media.#receiveOpen(),
				media.#sendOpen()]);
		} catch (error) {
			media.close();
			throw error;
		}
		return media;
	}

	static get isSupported(): boolean {
		return "RTCRtpScriptTransform" in globalThis;
	}

	close(): void {
		this.#isClosed = true;
		for (const restart of this.#restarts)
			restart.close();
		this.#send?.close();
		this.#receive?.close();
	}

	/* --- transports --- */

	#watch(transport: types.Transport, number: number): void {
		transport.on("connect", ({ dtlsParameters }, done, failed) => {
			const print = dtlsParameters.fingerprints.find((f) =>
			    f.algorithm === "sha-256");

			this.#host.ask("connect", { transport: number,
				fingerprint: print?.value.toUpperCase() })
			    .then(() => done(), failed);
		});
		const restart = new Restart(systemClock,
		    () => this.#restart(transport, number),
		    () => void this.#failed(transport));

		this.#restarts.push(restart);
		transport.on("connectionstatechange",
		    (state) => restart.state(state));
		/* With relays alone and none of them, browsers wait for ever. */
		transport.on("icegatheringstatechange", (state) => {
			if (state === "complete" && this.#host.ice.relayOnly)
				void this.#failed(transport, "relay");
		});
	}

	/* Other credentials for the same transport; all else goes on. */
	async #restart(transport: types.Transport, number: number)
	    : Promise<void> {
		const answer = await this.#host.ask("restart",
		    { transport: number });

		await transport.restartIce({ iceParameters:
		    transportOptions(answer).iceParameters });
	}

	/* Tells it; with a trouble given, only where it is that. */
	async #failed(transport: types.Transport, only?: MediaTrouble)
	    : Promise<void> {
		const trouble = await this.#hasRelay(transport) ? "blocked" :
		    "relay";

		if (!this.#isClosed && (!only || only === trouble))
			this.#host.lost(trouble);
	}

	/* True as well where none is wanted. */
	async #hasRelay(transport: types.Transport): Promise<boolean> {
		if (!this.#host.ice.servers.some((s) => s.urls.startsWith("turn")))
			return true;
		try {
			const report = await transport.getStats();

			return [...report.values()].some((stat) =>
			    stat.type === "local-candidate" &&
			    stat.candidateType === "relay");
		} catch {
			return true; /* it is closed */
		}
	}

	#options(answer: Fields): types.TransportOptions {
		return { ...transportOptions(answer),
			iceServers: this.#host.ice.servers,
			iceTransportPolicy: this.#host.ice.relayOnly ?
			    "relay" : "all" };
	}

	async #receiveOpen(): Promise<void> {
		const answer = await this.#host.ask("transport",
		    { direction: "receive" });
		const transport = this.#device.createRecvTransport(
		    this.#options(answer));

		this.#receive = transport;
		this.#watch(transport, answer.transport as number);
		const made = await this.#host.ask("slots", {
			transport: answer.transport, ...slotCounts,
			vp9: !!this.#codec("recv", "vp9") });

		this.slots = await Promise.all((made.slots as SlotAnswer[])
		    .map((slot) => this.#consume(transport, slot,
			made.cname as string)));
	}

	async #sendOpen(): Promise<void> {
		const answer = await this.#host.ask("transport",
		    { direction: "send" });
		const transport = this.#device.createSendTransport(
		    this.#options(answer));
		const number = answer.transport as number;

		this.#send = transport;
		if (this.#form !== "vp8")
			dependenciesKeep(transport);
		this.#watch(transport, number);
		transport.on("produce", (made, done, failed) => {
			const source = made.appData.source as SendSource;

			this.#host.ask("publish", publishFields(number, source,
			    made.rtpParameters, made.appData.size as Size))
			    .then(() => done({ id: source }), failed);
		});
	}

	async #consume(transport: types.Transport, slot: SlotAnswer,
	    cname: string): Promise<SlotTrack> {
		const id = `slot-${slot.slot}`;
		const consumer = await transport.consume({ id, producerId: id,
			kind: slot.kind, streamId: id,
			rtpParameters: slotParameters(slot, cname),
			onRtpReceiver: (receiver) => {
				receiver.transform = this.#transform({
					side: "receive", kind: slot.kind,
					slot: slot.slot, vp9PayloadType:
					    slot.vp9PayloadType });
			} });

		return { slot: slot.slot, kind: slot.kind,
			track: consumer.track };
	}

	#transform(options: TransformOptions): RTCRtpScriptTransform {
		return new RTCRtpScriptTransform(this.#host.worker, options);
	}

	#codec(side: "send" | "recv", name: "vp8" | "vp9")
	    : types.RtpCodecCapability | undefined {
		const { codecs } = side === "send" ?
		    this.#device.sendRtpCapabilities :
		    this.#device.recvRtpCapabilities;

		return codecs?.find((c) =>
		    c.mimeType.toLowerCase() === `video/${name}`);
	}

	#isVp9(source: SendSource): boolean {
		return source === "camera" && this.#form !== "vp8";
	}

	#codecFor(source: SendSource): Partial<types.ProducerOptions> {
		if (sources[source].kind === "audio")
			return {};
		return this.#isVp9(source) ?
		    { codec: this.#codec("send", "vp9"),
			encodings: vp9Encodings(this.#form) } :
		    { codec: this.#codec("send", "vp8") };
	}

	/* --- sending --- */

	/* Sends a track from now on, or nothing; one change at a time. */
	async sendTrack(source: SendSource, track: MediaStreamTrack | null)
	    : Promise<void> {
		const turn = (this.#busy.get(source) ?? Promise.resolve())
		    .then(() => this.#sendTrack(source, track));

		this.#busy.set(source, turn.catch(() => {}));
		await turn;
	}

	/* Those that nobody draws are neither encoded nor sent; each that comes
	 * back begins with a key frame. */
	want(source: SendSource, encodings: number): void {
		const known = this.#producers.get(source);

		if (!known || known.encodings < 2 || this.#isVp9(source) ||
		    !Number.isInteger(encodings) || encodings < 1)
			return;
		known.producer.setMaxSpatialLayer(
		    Math.min(encodings, known.encodings) - 1).catch(() => {});
	}

	async #sendTrack(source: SendSource, track: MediaStreamTrack | null)
	    : Promise<void> {
		const known = this.#producers.get(source);
		const { kind, stream } = sources[source];
		const size = track?.getSettings() ?? {};
		const encodings = source === "screen" ? screenEncodings(size) :
		    kind === "video" ? encodingsFor(size) : [];

		if (this.#isClosed || (!known && !track))
			return;
		if (known && source !== "screen" &&
		    (!track || known.encodings === encodings.length)) {
			await known.producer.replaceTrack({ track });
			return;
		}
		/* A camera of a very different size has other encodings; a
		 * screen is published only while it is shared. */
		if (known) {
			this.#producers.delete(source);
			known.producer.close();
			await this.#host.ask("unpublish", { source });
		}
		if (!track || track.readyState === "ended")
			return;
		const producer = await this.#send!.produce({
			track, stopTracks: false,
			appData: { source, size },
			disableTrackOnPause: false,
			...(kind === "video" ? { encodings,
			codecOptions: { videoGoogleStartBitrate: 1200 } } : {}),
			...this.#codecFor(source),
			onRtpSender: (sender) => {
				sender.transform = this.#transform({
					side: "send", kind, stream,
					isVp9: this.#isVp9(source) });
			} });

		this.#producers.set(source,
		    { producer, encodings: encodings.length });
	}

	/* How media go: "direct", "tcp" or "relay", for each transport that is
	 * up. */
	async ways(): Promise<string[]> {
		const reports = await Promise.all([this.#send, this.#receive]
		    .map((t) => t?.getStats()));

		return reports.flatMap((report) => {
			const stats = [...report?.values() ?? []];
			const ids = stats.filter((s) => s.type === "transport")
			    .map((s) => s.selectedCandidatePairId);
			const locals = stats.filter((s) =>
			    s.type === "candidate-pair" && ids.includes(s.id))
			    .map((s) => s.localCandidateId);

			return stats.filter((s) => locals.includes(s.id))
			    .map((s) => s.candidateType === "relay" ? "relay" :
				s.protocol === "tcp" ? "tcp" : "direct");
		});
	}

	/* The connection's figures, for people who help others. */
	async roundTripMs(): Promise<number | undefined> {
		const report = await this.#receive?.getStats();

		for (const stat of report?.values() ?? [])
			if (stat.type === "candidate-pair" && stat.nominated &&
			    typeof stat.currentRoundTripTime === "number")
				return 1000 * stat.currentRoundTripTime;
		return undefined;
	}
}

interface SlotAnswer {
	slot: number;
	kind: MediaKind;
	mid: string;
	ssrc: number;
	payloadType: number;
	rtxSsrc?: number | null;
	rtxPayloadType?: number | null;
	vp9PayloadType?: number;
	vp9RtxPayloadType?: number;
}

function transportOptions(answer: Fields): types.TransportOptions {
	const candidates = answer.candidates as { address: string; port: number;
	    priority: number; foundation: string; protocol: "udp" | "tcp";
	    tcpType?: "passive" }[];

	return {
		id: String(answer.transport),
		iceParameters: { usernameFragment: answer.ufrag as string,
			password: answer.pwd as string, iceLite: true },
		iceCandidates: candidates.map((c) => ({
			foundation: c.foundation, priority: c.priority,
			address: c.address, ip: c.address, port: c.port,
			protocol: c.protocol, type: "host",
			...(c.tcpType ? { tcpType: c.tcpType } : {}) })),
		/* So the browser is the DTLS client. */
		dtlsParameters: { role: "server", fingerprints: [{
			algorithm: "sha-256",
			value: answer.fingerprint as string }] },
	};
}

type Size = Pick<MediaTrackSettings, "width" | "height">;

function encodingFields(encoding: types.RtpEncodingParameters, size: Size)
    : Fields {
	const scale = encoding.scaleResolutionDownBy ?? 1;

	return { ssrc: encoding.ssrc, rid: encoding.rid,
		rtxSsrc: encoding.rtx?.ssrc,
		...(size.width && size.height ? {
			maxWidth: Math.ceil(size.width / scale),
			maxHeight: Math.ceil(size.height / scale) } : {}) };
}

function publishFields(transport: number, source: SendSource,
    rtp: types.RtpParameters, size: Size): Fields {
	const media = rtp.codecs.find((c) => !/\/rtx$/i.test(c.mimeType))!;
	const rtx = rtp.codecs.find((c) => /\/rtx$/i.test(c.mimeType));
	const encodings = rtp.encodings ?? [];

	return { transport, source, kind: sources[source].kind,
		payloadType: media.payloadType, mid: rtp.mid,
		...(/\/vp9$/i.test(media.mimeType) ? { codec: "vp9" } : {}),
		encodings: encodings.map((e) => encodingFields(e, size)),
		/* Of encodings by name, retransmissions are by name, too. */
		...(rtx && (encodings[0]?.rtx || encodings[0]?.rid) ?
		    { rtxPayloadType: rtx.payloadType } : {}),
		extensions: (rtp.headerExtensions ?? []).map((e) =>
		    ({ uri: e.uri, id: e.id })) };
}

/* A codec of a slot, with its retransmissions. */
function codecParameters(mimeType: string, payloadType: number,
    rtxPayloadType: number | null | undefined): types.RtpCodecParameters[] {
	const codec = capabilities.codecs!.find((c) =>
	    c.mimeType === mimeType)!;
	const parameters: types.RtpCodecParameters = { mimeType, payloadType,
		clockRate: codec.clockRate,
		parameters: codec.kind === "video" ? codec.parameters : {},
		...(codec.channels ? { channels: codec.channels } : {}),
		rtcpFeedback: codec.rtcpFeedback ?? [] };

	return rtxPayloadType ? [parameters, { mimeType: "video/rtx",
		clockRate: 90000, payloadType: rtxPayloadType,
		parameters: { apt: payloadType }, rtcpFeedback: [] }] :
	    [parameters];
}

function slotParameters(slot: SlotAnswer, cname: string): types.RtpParameters {
	const codecs = codecParameters(slot.kind === "audio" ? "audio/opus" :
	    "video/VP8", slot.payloadType, slot.rtxPayloadType);

	if (slot.vp9PayloadType)
		codecs.push(...codecParameters("video/VP9",
		    slot.vp9PayloadType, slot.vp9RtxPayloadType));
	return { mid: slot.mid, codecs,
		headerExtensions: capabilities.headerExtensions!
		    .filter((e) => e.kind === slot.kind &&
			e.direction === "sendrecv")
		    .map((e) => ({ uri: e.uri, id: e.preferredId })),
		encodings: [{ ssrc: slot.ssrc,
			...(slot.rtxSsrc ? { rtx: { ssrc: slot.rtxSsrc } } :
			    {}) }],
		rtcp: { cname, reducedSize: true, mux: true } };
}
