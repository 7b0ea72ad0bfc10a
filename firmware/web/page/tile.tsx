/* tile.tsx - one member: picture or initials, name, and what is known of it. */

import { useEffect, useRef, useState } from "preact/hooks";

import type { Person } from "../meeting/session.js";
import { useModel } from "./hooks.js";
import { Icon } from "./icons.js";
import { SelfVideo } from "./join.js";
import type { Model } from "./model.js";
import { Avatar, Standing } from "./parts.js";

/* Where a browser does not say which frame it shows: the longest that one can
 * have been on its way from the worker to the screen. */
const onTheWayMs = 700;

/* Has the video come to frames of its slot's sender?  A picture of who was in
 * the slot before must not stand under another name. */
function useShown(video: { current: HTMLVideoElement | null }, model: Model,
    slot: number, leaf: number): boolean {
	const [isShown, setShown] = useState(false);
	const sender = model.senders.get(slot);
	const since = sender?.leaf === leaf ? sender.timestamp : undefined;

	useEffect(() => {
		const element = video.current;
		let isOver = false;

		setShown(false);
		if (since === undefined || !element)
			return;
		const late = setTimeout(() => setShown(true), onTheWayMs);
		const look = (_: number, frame: VideoFrameCallbackMetadata) => {
			const at = frame.rtpTimestamp;

			if (isOver)
				return;
			if (at !== undefined && (at - since >>> 0) < 2 ** 31)
				setShown(true);
			else
				element.requestVideoFrameCallback(look);
		};

		element.requestVideoFrameCallback?.(look);
		return () => {
			isOver = true;
			clearTimeout(late);
		};
	}, [slot, leaf, since]);
	return isShown;
}

function Video({ slot, leaf, name }: { slot: number; leaf: number;
    name: string }) {
	const model = useModel();
	const ref = useRef<HTMLVideoElement>(null);
	const track = model.slots.find((s) => s.slot === slot)?.track;
	const isShown = useShown(ref, model, slot, leaf);

	useEffect(() => {
		ref.current!.srcObject = track ? new MediaStream([track]) : null;
	}, [track]);
	return <video ref={ref} autoplay muted playsInline aria-label={name}
	    data-leaf={leaf} class={isShown ? "" : "waiting"} />;
}

function Marks({ person }: { person: Person }) {
	const { say } = useModel();

	return <>
		<span class="name">{person.name}
			{person.isSelf && <em> ({say("you")})</em>}</span>
		<Standing verified={person.verified} />
		{person.isSpeaking && person.hasMicrophone &&
			<span class="hidden">{say("speaking")}</span>}
		{!person.hasMicrophone && <span class="mute"
		    title={say("muted")}><Icon name="microphoneOff" />
			<span class="hidden">{say("muted")}</span></span>}
	</>;
}

export function Tile({ person, width }: { person: Person; width: number }) {
	const model = useModel();
	const slot = person.participant === undefined ? undefined :
	    [...model.shown].find(([, s]) => s.kind === "video" &&
		s.participant === person.participant)?.[0];
	const own = person.isSelf ? model.devices.camera.track : null;
	const isSpeaking = person.isSpeaking && person.hasMicrophone;

	return <li class={`tile${isSpeaking ? " speaking" : ""}`}
	    style={{ width: `${width}px` }} data-leaf={person.leaf}>
		<Avatar name={person.name} leaf={person.leaf} />
		{own && <SelfVideo track={own} />}
		{slot !== undefined && <Video slot={slot} leaf={person.leaf}
		    name={person.name} />}
		<p class="marks"><Marks person={person} /></p>
	</li>;
}
