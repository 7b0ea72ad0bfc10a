/* lines.tsx - telephone lines, and what else the meeting's hosts decide. */

import { linesAllow, lineMute, lineRemove, lock, type LineView }
	from "../meeting/lines.js";
import type { Person } from "../meeting/view.js";
import { useModel } from "./hooks.js";
import { Icon } from "./icons.js";
import { lineCount, lineName, lineSince, personName } from "./linewords.js";
import { Standing } from "./parts.js";

/* Beside the lock as long as there is a line: nobody can close it. */
export function LinesMark() {
	const model = useModel();
	const sentence = model.linesSentence;

	return sentence === undefined ? null :
		<p class="lines-mark" data-testid="lines"
		    title={model.say("linesHint")}>
			<Icon name="phone" /><span>{sentence}</span></p>;
}

/* Label and lock of the meeting. */
export function ConferenceMarks() {
	const { say, conference } = useModel();

	return <>
		{conference.label && <p class="mark label">
			<span class="hidden">{say("classification")}: </span>
			<bdi>{conference.label}</bdi></p>}
		{conference.isLocked && <p class="mark locked"
		    title={say("lockedHint")}>
			<Icon name="lock" />{say("locked")}</p>}
	</>;
}

/* A box's lines: heard, never seen. */
export function LinesTile({ person, width }: { person: Person;
    width: number }) {
	const { say, conference } = useModel();
	const count = conference.lines.filter((line) =>
	    line.leaf === person.leaf).length;

	return <li class={`tile lines${person.isSpeaking ? " speaking" : ""}`}
	    style={{ width: `${width}px` }} data-leaf={person.leaf}>
		<span class="avatar" aria-hidden="true"><Icon name="phone" /></span>
		<p class="count-line">{lineCount(say, count)}</p>
		<p class="marks">
			<span class="name">{personName(say, person)}</span>
			<Standing verified={person.verified} />
			{person.isSpeaking &&
				<span class="hidden">{say("speaking")}</span>}
		</p>
	</li>;
}

function LineState({ line }: { line: LineView }) {
	const { say, language } = useModel();
	const isMuted = line.isMuted || line.isMutedByHost;

	return <>
		<span class="line-about">
			{[lineSince(say, language, line),
			    say(`line-${line.transport}`)].filter(Boolean)
			    .join(" · ")}</span>
		{isMuted && <span class="line-flag"><Icon name="microphoneOff" />
			{say(line.isMutedByHost ? "lineMutedByHost" : "muted")}
		</span>}
		{line.hasHandUp && <span class="line-flag"><Icon name="hand" />
			{say("lineHand")}</span>}
	</>;
}

function LineControls({ line }: { line: LineView }) {
	const model = useModel();
	const isMuted = line.isMutedByHost;
	const name = lineName(model.say, line);
	const mute = model.say(isMuted ? "lineUnmute" : "lineMute", { name });
	const remove = model.say("lineRemove", { name });

	return <span class="line-controls">
		<button type="button" class="plain" aria-label={mute} title={mute}
		    onClick={() => model.wish(lineMute(line, !isMuted))}>
			<Icon name={isMuted ? "microphone" : "microphoneOff"} />
		</button>
		<button type="button" class="plain" aria-label={remove}
		    title={remove}
		    onClick={() => model.wish(lineRemove(line))}>
			<Icon name="phoneOff" /></button>
	</span>;
}

function LineItem({ line }: { line: LineView }) {
	const { say, conference } = useModel();

	return <li data-line={line.key}>
		<span class="line-text">
			<b><bdi>{lineName(say, line)}</bdi></b>
			<LineState line={line} /></span>
		{conference.isHost && <LineControls line={line} />}
	</li>;
}

/* A member with lines, or one that is there for them alone. */
function LinesOwner({ person }: { person: Person }) {
	const { say, conference } = useModel();
	const lines = conference.lines.filter(({ leaf }) =>
	    leaf === person.leaf);

	return <>
		<h4><span class="name">{personName(say, person)}</span>
			<Standing verified={person.verified} /></h4>
		{lines.length === 0 ? <p class="hint">{say("linesNone")}</p> :
			<ul class="line-list">{lines.map((line) =>
				<LineItem key={line.key} line={line} />)}</ul>}
	</>;
}

export function LinesSection() {
	const { say, view, conference } = useModel();
	const { lines, forbidsLines, isLocked } = conference;
	const owners = (view?.people ?? []).filter((p) =>
	    p.linesOf !== undefined || lines.some((l) => l.leaf === p.leaf));

	if (owners.length === 0 && !forbidsLines && !isLocked)
		return null;
	return <section class="lines" aria-labelledby="lines-title">
		<h3 id="lines-title">{say("linesTitle")} ({lines.length})</h3>
		{lines.length > 0 && <p class="hint">{say("linesHint")}</p>}
		{forbidsLines && <p class="hint">{say("linesForbidden")}</p>}
		{isLocked && <p class="hint">{say("lockedHint")}</p>}
		{owners.map((p) => <LinesOwner key={p.leaf} person={p} />)}
	</section>;
}

/* For members who may. */
export function HostSection() {
	const model = useModel();
	const { say, conference } = model;
	const { isLocked, forbidsLines, isHost } = conference;

	if (!isHost)
		return null;
	return <section class="host" aria-labelledby="host-title">
		<h3 id="host-title">{say("hostTitle")}</h3>
		<button type="button" class="host-button" id="host-lock"
		    onClick={() => model.wish(lock(!isLocked))}>
			<Icon name="lock" />{say(isLocked ? "lockOff" : "lockOn")}
		</button>
		<button type="button" class="host-button" id="host-lines"
		    onClick={() => model.wish(linesAllow(forbidsLines))}>
			<Icon name={forbidsLines ? "phone" : "phoneOff"} />
			{say(forbidsLines ? "linesAllow" : "linesForbid")}
		</button>
	</section>;
}
