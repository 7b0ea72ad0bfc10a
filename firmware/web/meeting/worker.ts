/* worker.ts - the thread where frames are sealed and opened. */

import { systemClock } from "./clock.js";
import { Frames, type Coding, type Epoch, type MediaKind, type Stats,
	type SlotSender, type Stream } from "./frames.js";
import { KeyFrames, isVp8Key } from "./keyframes.js";

/* To the worker. */
export type Order =
    | { type: "epoch"; epoch: Epoch }
    | { type: "expect"; slot: number; leaf: number | null; stream: Stream }
    | { type: "forget" };

/* From the worker. */
export type Report =
    | { type: "shown"; sender: SlotSender }
    | { type: "stats"; stats: Stats };

/* Of an RTCRtpScriptTransform. */
export type TransformOptions =
    | { side: "send"; kind: MediaKind; stream: Stream; isVp9: boolean }
    | { side: "receive"; kind: MediaKind; slot: number;
	vp9PayloadType: number | undefined }; /* else it is VP8 */

type Frame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;

/* TypeScript knows of these only without the page's types. */
interface Transformer {
	readonly readable: ReadableStream<Frame>;
	readonly writable: WritableStream<Frame>;
	readonly options: unknown;
	sendKeyFrameRequest(): Promise<void>;
}
interface Scope {
	onmessage: ((event: MessageEvent<Order>) => void) | null;
	onrtctransform: ((event: { transformer: Transformer }) => void) | null;
	postMessage(message: Report): void;
}

const scope = self as unknown as Scope;
const statsMs = 500;

function report(message: Report): void {
	scope.postMessage(message);
}

const frames = new Frames(systemClock, (sender) => {
	report({ type: "shown", sender });
});

scope.onmessage = (event: MessageEvent<Order>) => {
	const order = event.data;

	if (order.type === "epoch")
		frames.begin(order.epoch);
	else if (order.type === "expect")
		frames.expect(order.slot, order.leaf, order.stream);
	else
		frames.forget();
};

setInterval(() => report({ type: "stats", stats: frames.stats }), statsMs);

/* The encodings of a sender, told apart by the number of their stream, in the
 * order in which they come.  Of VP9 each spatial layer of a picture is a frame. */
function layerTeller(): (frame: Frame, isVp9: boolean) => number {
	const layers = new Map<number | undefined, number>();

	return (frame, isVp9) => {
		const { synchronizationSource: ssrc, spatialIndex } =
		    frame.getMetadata() as RTCEncodedVideoFrameMetadata;

		if (isVp9)
			return spatialIndex ?? 0;

		if (!layers.has(ssrc))
			layers.set(ssrc, layers.size);
		return layers.get(ssrc)!;
	};
}

async function sendFrame(options: TransformOptions & { side: "send" },
    frame: Frame, layer: number): Promise<boolean> {
	const sealed = await frames.send(options.isVp9 ? "vp9" : options.kind,
	    options.stream, new Uint8Array(frame.data), layer);

	if (sealed)
		frame.data = sealed.buffer as ArrayBuffer;
	return sealed !== null;
}

function codingOf({ kind, vp9PayloadType }: TransformOptions &
    { side: "receive" }, frame: Frame): Coding {
	return kind === "video" && vp9PayloadType !== undefined &&
	    frame.getMetadata().payloadType === vp9PayloadType ? "vp9" : kind;
}

async function receiveFrame(options: TransformOptions & { side: "receive" },
    frame: Frame, keyFrames: KeyFrames): Promise<boolean> {
	const sealed = new Uint8Array(frame.data);
	const coding = codingOf(options, frame);
	const opened = await frames.receive(coding, options.slot, sealed,
	    (frame as { timestamp?: number }).timestamp ?? 0);

	if (options.kind === "video" && sealed.length > 0) {
		if (opened)
			keyFrames.opened(coding === "vp9" ?
			    (frame as RTCEncodedVideoFrame).type === "key" :
			    isVp8Key(opened));
		else
			keyFrames.refused();
	}
	if (opened)
		frame.data = opened.buffer as ArrayBuffer;
	return opened !== null;
}

function transformStart(transformer: Transformer): void {
	const options = transformer.options as TransformOptions;
	const keyFrames = new KeyFrames(systemClock, () => {
		transformer.sendKeyFrameRequest().catch(() => {});
	});
	const layerOf = layerTeller();
	const pass = (frame: Frame) => options.side === "send" ?
	    sendFrame(options, frame, layerOf(frame, options.isVp9)) :
	    receiveFrame(options, frame, keyFrames);

	transformer.readable.pipeThrough(new TransformStream<Frame, Frame>({
		async transform(frame, controller) {
			/* An error drops the frame, and never the stream. */
			if (await pass(frame).catch(() => false))
				controller.enqueue(frame);
		},
	})).pipeTo(transformer.writable).catch(() => {});
}

scope.onrtctransform = (event) => transformStart(event.transformer);
