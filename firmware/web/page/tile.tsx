/* tile.tsx - one member: picture or initials, name, and what is known of it. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Person } from "../meeting/view.js";
import type { Source } from "../meeting/slots.js";
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

function Video({ slot, leaf, name, isScreen = false }: { slot: number;
    leaf: number; name: string; isScreen?: boolean }) {
	const model = useModel();
	const ref = useRef<HTMLVideoElement>(null);
	const track = model.slots.find((s) => s.slot === slot)?.track;
	const isShown = useShown(ref, model, slot, leaf);

	useEffect(() => {
		ref.current!.srcObject = track ? new MediaStream([track]) : null;
	}, [track]);
	return <video ref={ref} autoplay muted playsInline aria-label={name}
	    {...{ [isScreen ? "data-screen" : "data-leaf"]: leaf }}
	    class={isShown ? "" : "waiting"} />;
}

/* Large, or as small as the others again. */
function Pin({ person }: { person: Person }) {
	const model = useModel();
	const { large } = model;
	const isOn = large?.source.isPinned === true &&
	    large.person.leaf === person.leaf;
	const label = model.say(isOn ? "pinOff" : "pinOn",
	    { name: person.name });

	return <button type="button" class={`pin${isOn ? " on" : ""}`}
	    title={label} aria-label={label} onClick={() => model.pin(person)}>
		<Icon name="pin" /></button>;
}

/* A shared screen, or who is pinned: all of it is shown, nothing cut off. */
export function LargePicture({ slot, source, person }: { slot: number;
    source: Source; person: Person }) {
	const model = useModel();
	const ref = useRef<HTMLElement>(null);
	const isScreen = source.source === "screen";
	const name = isScreen ? model.say("screenOf", { name: person.name }) :
	    person.name;

	useLayoutEffect(() => {
		const observer = new ResizeObserver(([entry]) =>
		    model.sizeShown("large", entry!.contentRect.width));

		observer.observe(ref.current!);
		return () => observer.disconnect();
	}, []);
	return <figure class="large" ref={ref}>
		<Video key={source.source} slot={slot} leaf={person.leaf}
		    name={name} isScreen={isScreen} />
		<figcaption class="marks">
			{isScreen && <Icon name="screen" />}
			<span class="name">{name}</span>
			<Standing verified={person.verified} />
		</figcaption>
		{!isScreen && <Pin person={person} />}
	</figure>;
}

/* A screen that somebody shares beside the large one. */
export function ScreenTile({ slot, person, width }: { slot: number;
    person: Person; width: number }) {
	const name = useModel().say("screenOf", { name: person.name });

	return <li class="tile screen" style={{ width: `${width}px` }}>
		<Video slot={slot} leaf={person.leaf} name={name} isScreen />
		<p class="marks"><Icon name="screen" />
			<span class="name">{name}</span>
			<Standing verified={person.verified} /></p>
	</li>;
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
	    [...model.shown].find(([, s]) => s.source === "camera" &&
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
		{slot !== undefined && <Pin person={person} />}
	</li>;
}
