/* room.tsx - the meeting. */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { useFocus, useGrid, useModel } from "./hooks.js";
import { Icon } from "./icons.js";
import { ConferenceMarks, LinesMark, LinesTile, WaitingMark }
	from "./lines.js";
import type { Person } from "../meeting/view.js";
import type { Model, Panel } from "./model.js";
import { ChatPanel, CodePanel, PeoplePanel, panelClose } from "./panels.js";
import { Control } from "./parts.js";
import { Share } from "./share.js";
import { LargePicture, ScreenTile, Tile } from "./tile.js";
import type { TextName } from "./texts.js";

const gap = 12;

function togglePanel(model: Model, panel: Panel): void {
	if (model.panel === panel)
		panelClose(model);
	else
		model.setPanel(panel);
}

/* Keys for what hands do most; never while somebody writes. */
function keyPressed(model: Model, event: KeyboardEvent): void {
	const target = event.target as HTMLElement;
	const key = event.key.toLowerCase();

	if (event.ctrlKey || event.metaKey || event.altKey || event.repeat)
		return;
	if (key === "escape" && model.panel)
		panelClose(model);
	if (target.closest("input, textarea, select"))
		return;
	if (key === "m")
		void model.toggle("microphone");
	else if (key === "v")
		void model.toggle("camera");
	else if (key === "d" && Share.isSupported)
		void model.toggleShare();
	else if (key === "c")
		togglePanel(model, "chat");
	else if (key === "p")
		togglePanel(model, "people");
	else if (key === "s")
		togglePanel(model, "code");
	else
		return;
	event.preventDefault();
}

/* All sound, whoever it is from; tracks stay while the link does. */
function Sound() {
	const model = useModel();

	return <>{model.slots.filter((s) => s.kind === "audio").map((s) =>
		<SlotSound key={`${s.slot} ${s.track.id}`} track={s.track} />)}</>;
}

function SlotSound({ track }: { track: MediaStreamTrack }) {
	const model = useModel();
	const ref = useRef<HTMLAudioElement>(null);
	const isBlocked = model.needsClick;

	useEffect(() => {
		const element = ref.current!;

		element.srcObject ??= new MediaStream([track]);
		element.play().catch((error: DOMException) => {
			if (error.name === "NotAllowedError" && !isBlocked)
				model.soundBlocked();
		});
	}, [track, isBlocked]);
	return <audio ref={ref} />;
}

/* A box's lines are nobody while nobody calls. */
function shownPeople(model: Model): Person[] {
	const { lines } = model.conference;

	return (model.view?.people ?? []).filter((p) =>
	    p.linesOf === undefined || lines.some((l) => l.leaf === p.leaf));
}

/* How things stand, in plain words; nothing where all is well. */
function stateText(model: Model): TextName | undefined {
	const view = model.view;

	if (!view || view.phase === "connecting")
		return "connecting";
	if (view.phase === "joining")
		return "admission";
	if (view.phase === "reconnecting")
		return "reconnecting";
	if (view.media !== "on")
		return "mediaConnecting";
	return shownPeople(model).length <= 1 ? "alone" : undefined;
}

function State() {
	const model = useModel();
	const text = stateText(model);
	const isBusy = text !== "alone";
	const isWell = !text && !model.share.track && !model.callers &&
	    model.conference.waiting.length === 0;

	return <div class={`state-line${isWell ? " well" : ""}`} role="status">
		{model.share.track && <p class="sharing">
			<Icon name="screen" /><span>{model.say("sharing")}</span>
			<button type="button" class="link"
			    onClick={() => model.share.stop()}>
				{model.say("shareStop")}</button></p>}
		<WaitingMark />
		{model.callers && <p class="callers"><Icon name="phone" />
			<span>{model.callers}</span></p>}
		{model.share.hasFailed && <p>{model.say("shareFailed")}</p>}
		{text && <p>{isBusy && <span class="spinner" aria-hidden="true" />}
			<span>{model.say(text)}</span>
			{text === "reconnecting" && <button type="button"
			    class="link" onClick={() => model.retryNow()}>
				{model.say("retryNow")}</button>}
		</p>}
	</div>;
}

function TopBar() {
	const model = useModel();
	const { say, config, view } = model;
	const heading = useFocus<HTMLHeadingElement>();

	return <header class="top">
		<h1 tabIndex={-1} ref={heading}>{config?.site || "Konklave"}</h1>
		<ConferenceMarks />
		<LinesMark />
		<button type="button" class="seal" id="control-code"
		    aria-expanded={model.panel === "code"} aria-keyshortcuts="s"
		    title={`${say("code")} (${say("shortcut", { key: "S" })})`}
		    onClick={() => togglePanel(model, "code")}>
			<Icon name="lock" />
			<span class="seal-text">{say("sealed")}</span>
			<span class="seal-short">{say("sealedShort")}</span>
			<span class="hidden">, {say("code")}</span>
			{view?.code && <span class="seal-code" aria-hidden="true">
				{view.code.slice(0, 5)} …</span>}
		</button>
	</header>;
}

function BottomBar() {
	const model = useModel();
	const { say, devices } = model;
	const isHeard = devices.microphone.isOn && !!devices.microphone.track;
	const isSeen = devices.camera.isOn && !!devices.camera.track;
	const isSharing = !!model.share.track;

	return <footer class="bar" aria-label={say("controls")}>
		<Control name="microphone" shortKey="m" isOff={!isHeard}
		    icon={isHeard ? "microphone" : "microphoneOff"}
		    label={say(isHeard ? "muteOn" : "muteOff")}
		    onClick={() => void model.toggle("microphone")} />
		<Control name="camera" shortKey="v" isOff={!isSeen}
		    icon={isSeen ? "camera" : "cameraOff"}
		    label={say(isSeen ? "cameraOff" : "cameraOn")}
		    onClick={() => void model.toggle("camera")} />
		{Share.isSupported && <Control name="share" shortKey="d"
		    isOn={isSharing} icon={isSharing ? "screenOff" : "screen"}
		    label={say(isSharing ? "shareOff" : "shareOn")}
		    onClick={() => void model.toggleShare()} />}
		<span class="rule" />
		<Control name="chat" shortKey="c" icon="chat"
		    isOpen={model.panel === "chat"} count={model.unread}
		    label={say("chat")} isOn={model.panel === "chat"}
		    onClick={() => togglePanel(model, "chat")} />
		<Control name="people" shortKey="p" icon="people"
		    isOpen={model.panel === "people"} label={say("people")}
		    isOn={model.panel === "people"}
		    onClick={() => togglePanel(model, "people")} />
		<span class="rule" />
		<button type="button" class="control leave"
		    title={say("leaveLong")} aria-label={say("leaveLong")}
		    onClick={() => model.leave()}>
			<Icon name="leave" /><span>{say("leave")}</span></button>
	</footer>;
}

/* What is shared or pinned large; below it, or alone, tiles: other screens, then
 * people as they came, oneself at the end. */
function Grid() {
	const model = useModel();
	const large = model.large;
	const people = shownPeople(model).sort((a, b) =>
	    Number(a.isSelf) - Number(b.isSelf) || a.leaf - b.leaf);
	const screens = [...model.shown].filter(([slot, s]) =>
	    s.source === "screen" && slot !== large?.slot)
	    .sort(([, a], [, b]) => b.sharedAs - a.sharedAs)
	    .flatMap(([slot, { participant }]) => people.filter((p) =>
		p.participant === participant)
		.map((person) => ({ slot, person })));
	const count = people.length + screens.length;
	const { ref, width } = useGrid(count, gap);

	useEffect(() => model.sizeShown("tile", width), [width, count]);

	return <div class={`stage${large ? " with-large" : ""}`}>
		{large && <LargePicture key={large.slot} {...large} />}
		<div class="tiles"><ul class="grid" ref={ref}
		    aria-label={model.say("members")}>
			{screens.map(({ slot, person }) => <ScreenTile
			    key={`screen ${person.leaf}`} slot={slot}
			    person={person} width={width} />)}
			{people.map((p) => p.linesOf === undefined ?
				<Tile key={p.leaf} person={p} width={width} /> :
				<LinesTile key={p.leaf} person={p}
				    width={width} />)}
		</ul></div>
	</div>;
}

export function RoomScreen() {
	const model = useModel();

	/* With the screen: no key that is pressed on it is lost. */
	useLayoutEffect(() => {
		const pressed = (event: KeyboardEvent) =>
		    keyPressed(model, event);

		addEventListener("keydown", pressed);
		return () => removeEventListener("keydown", pressed);
	}, [model]);
	return <div class={`room${model.panel ? " with-panel" : ""}`}>
		<TopBar />
		<main>
			<State />
			<Grid />
			{model.needsClick && <button type="button"
			    class="primary sound"
			    onClick={() => model.soundAllowed()}>
				<Icon name="sound" />{model.say("hear")}</button>}
		</main>
		{model.panel === "chat" && <ChatPanel />}
		{model.panel === "people" && <PeoplePanel />}
		{model.panel === "code" && <CodePanel />}
		<BottomBar />
		<Sound />
	</div>;
}
