/* lines.tsx - telephone lines, and what else the meeting's hosts decide. */

import { useState } from "preact/hooks";

import { hostSet, labelSet, lineMute, lineRemove, linesAdmit, linesAllow, lock,
	type LineView } from "../meeting/lines.js";
import type { Person } from "../meeting/view.js";
import { isLabel, labelAllowsLines, labelMaxBytes } from "./config.js";
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

/* Who waits, as long as anybody does; its hosts decide. */
export function WaitingMark() {
	const model = useModel();
	const { say, conference } = model;
	const { waiting, isHost } = conference;
	const [first] = waiting;

	if (!first)
		return null;
	return <p class="waiting" data-testid="waiting"><Icon name="phone" />
		<span>{model.waitingSentence}</span>
		{isHost && (waiting.length === 1 ?
			<WaitingControls line={first} /> : <>
			<button type="button" class="link"
			    onClick={() => model.wish(linesAdmit(waiting))}>
				{say("lineAdmitAll")}</button>
			<button type="button" class="link"
			    onClick={() => model.setPanel("people")}>
				{say("waitShow")}</button></>)}
	</p>;
}

function WaitingControls({ line }: { line: LineView }) {
	const model = useModel();
	const { say } = model;
	const name = lineName(say, line);
	const [admit, refuse] = [say("lineAdmit"), say("lineRefuse")];

	return <span class="wait-controls">
		<button type="button" class="link"
		    aria-label={say("lineDo", { what: admit, name })}
		    onClick={() => model.wish(linesAdmit([line]))}>
			{admit}</button>
		<button type="button" class="link"
		    aria-label={say("lineDo", { what: refuse, name })}
		    onClick={() => model.wish(lineRemove(line))}>
			{refuse}</button>
	</span>;
}

function LineName({ line }: { line: LineView }) {
	const { say } = useModel();

	return <b title={line.origin === "caller" && line.label ?
	    say("lineClaimedHint") : undefined}>
		<bdi>{lineName(say, line)}</bdi></b>;
}

function WaitingList() {
	const model = useModel();
	const { say, conference } = model;
	const { waiting, isHost } = conference;

	return waiting.length === 0 ? null : <>
		<h4>{say("waitTitle")} ({waiting.length})</h4>
		<ul class="line-list waiting-list">{waiting.map((line) =>
			<li key={line.key} data-line={line.key}>
				<span class="line-text"><LineName line={line} />
					<LineState line={line} /></span>
				{isHost && <WaitingControls line={line} />}
			</li>)}</ul>
		{isHost && waiting.length > 1 && <button type="button"
		    class="host-button"
		    onClick={() => model.wish(linesAdmit(waiting))}>
			<Icon name="phone" />{say("lineAdmitAll")}</button>}
	</>;
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
	const { conference } = useModel();

	return <li data-line={line.key}>
		<span class="line-text">
			<LineName line={line} />
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
	const { lines, waiting, forbidsLines, isLocked } = conference;
	const owners = (view?.people ?? []).filter((p) =>
	    p.linesOf !== undefined || lines.some((l) => l.leaf === p.leaf));

	if (owners.length === 0 && waiting.length === 0 && !forbidsLines &&
	    !isLocked)
		return null;
	return <section class="lines" aria-labelledby="lines-title">
		<h3 id="lines-title">{say("linesTitle")} ({lines.length})</h3>
		{lines.length > 0 && <p class="hint">{say("linesHint")}</p>}
		{forbidsLines && <p class="hint">{say("linesForbidden")}</p>}
		{isLocked && <p class="hint">{say("lockedHint")}</p>}
		<WaitingList />
		{owners.map((p) => <LinesOwner key={p.leaf} person={p} />)}
	</section>;
}

/* Below the name of who is one. */
export function HostMark({ person }: { person: Person }) {
	const { say, conference } = useModel();

	return conference.hosts.includes(person.leaf) ?
		<small class="role" title={say("hostHint")}>{say("host")}</small> :
		null;
}

/* Hosts make others hosts, and take it back. */
export function HostSwitch({ person }: { person: Person }) {
	const model = useModel();
	const { hosts, isHost } = model.conference;
	const is = hosts.includes(person.leaf);
	const label = model.say(is ? "hostTake" : "hostMake",
	    { name: person.name });

	return !isHost ? null :
		<button type="button" class={`plain host-set${is ? " on" : ""}`}
		    aria-label={label} title={label}
		    disabled={is && hosts.length === 1}
		    onClick={() => model.wishOf(person,
			hostSet(person.leaf, !is))}>
			<Icon name="star" /></button>;
}

/* One of the site's, or what the host writes. */
function LabelField() {
	const model = useModel();
	const { say, conference, config } = model;
	const labels = config?.labels ?? [];
	const [text, setText] = useState(conference.label);
	const set = (label: string) => model.wish(labelSet(label,
	    labelAllowsLines(labels, label)));

	if (labels.length === 0)
		return <form class="field label-form" onSubmit={(event) => {
			event.preventDefault();
			set(text.trim());
		}}>
			<label for="host-label">{say("classification")}</label>
			<span><input id="host-label" value={text}
			    maxLength={labelMaxBytes}
			    onInput={(e) => setText(e.currentTarget.value)} />
			<button type="submit" class="host-button"
			    disabled={text.trim() !== "" &&
				!isLabel(text.trim())}>{say("labelSet")}</button>
			</span>
			<p class="hint">{say("labelHint")}</p>
		</form>;
	return <p class="field label-form">
		<label for="host-label">{say("classification")}</label>
		<select id="host-label" value={conference.label}
		    onChange={(e) => set(e.currentTarget.value)}>
			<option value="">{say("labelNone")}</option>
			{!isSiteLabel(labels, conference.label) &&
				<option value={conference.label}>
					{conference.label}</option>}
			{labels.map((label) => <option key={label.text}
			    value={label.text}>{label.lines ? label.text :
				say("labelNoLines", { label: label.text })}
			</option>)}
		</select>
	</p>;
}

const isSiteLabel = (labels: readonly { text: string }[], text: string) =>
    text === "" || labels.some((label) => label.text === text);

/* For members who may. */
export function HostSection() {
	const model = useModel();
	const { say, conference, config } = model;
	const { isLocked, forbidsLines, isHost } = conference;
	const mayAllow = labelAllowsLines(config?.labels ?? [],
	    conference.label);

	if (!isHost)
		return null;
	return <section class="host" aria-labelledby="host-title">
		<h3 id="host-title">{say("hostTitle")}</h3>
		<button type="button" class="host-button" id="host-lock"
		    onClick={() => model.wish(lock(!isLocked))}>
			<Icon name="lock" />{say(isLocked ? "lockOff" : "lockOn")}
		</button>
		{forbidsLines && !mayAllow ?
			<p class="hint">{say("labelNoLinesHint")}</p> :
			<button type="button" class="host-button" id="host-lines"
			    onClick={() => model.wish(linesAllow(forbidsLines))}>
				<Icon name={forbidsLines ? "phone" : "phoneOff"} />
				{say(forbidsLines ? "linesAllow" : "linesForbid")}
			</button>}
		<LabelField key={conference.label} />
	</section>;
}
