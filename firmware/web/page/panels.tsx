/* panels.tsx - what opens beside the pictures: chat, people, security code. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { chatTextMax } from "../meeting/session.js";
import { useFocus, useModel } from "./hooks.js";
import { Icon } from "./icons.js";
import { HostMark, HostSection, HostSwitch, LinesSection } from "./lines.js";
import { Avatar, Standing } from "./parts.js";
import { QrCode } from "./qr.js";

function Frame({ name, title, children }: { name: string; title: string;
    children: ComponentChildren }) {
	const model = useModel();
	const heading = useFocus<HTMLHeadingElement>();

	return <aside class={`panel ${name}`} aria-labelledby="panel-title">
		<header>
			<h2 id="panel-title" tabIndex={-1} ref={heading}>{title}</h2>
			<button type="button" class="plain"
			    aria-label={model.say("close")}
			    title={`${model.say("close")} (Esc)`}
			    onClick={() => panelClose(model)}>
				<Icon name="close" /></button>
		</header>
		{children}
	</aside>;
}

/* The focus goes back to where the panel came from. */
export function panelClose(model: ReturnType<typeof useModel>): void {
	const from = document.getElementById(`control-${model.panel}`);

	model.setPanel(undefined);
	from?.focus();
}

export function ChatPanel() {
	const model = useModel();
	const [text, setText] = useState("");
	const list = useRef<HTMLOListElement>(null);
	const messages = model.view?.chat ?? [];
	const time = new Intl.DateTimeFormat(model.language,
	    { hour: "2-digit", minute: "2-digit" });
	const send = () => {
		model.chat(text.trim());
		setText("");
	};

	useEffect(() => {
		list.current?.lastElementChild?.scrollIntoView(
		    { block: "nearest" });
	}, [messages.length]);
	return <Frame name="chat" title={model.say("chat")}>
		{messages.length === 0 &&
			<p class="hint">{model.say("chatEmpty")}</p>}
		<ol ref={list} class="messages" tabIndex={0}
		    aria-label={model.say("chat")}>
			{messages.map((m) =>
				<li key={m.number} class={m.isSelf ? "own" : ""}>
					<p class="from"><b>{m.name}</b>
						<Standing verified={m.verified} />
						<time>{time.format(m.at)}</time></p>
					<p class="text">{m.text}</p>
				</li>)}
		</ol>
		<form class="say" onSubmit={(event) => {
			event.preventDefault();
			send();
		}}>
			<label class="hidden" for="message">
				{model.say("message")}</label>
			<textarea id="message" rows={2} value={text}
			    maxLength={chatTextMax}
			    placeholder={model.say("message")}
			    onInput={(e) => setText(e.currentTarget.value)}
			    onKeyDown={(e) => {
				if (e.key !== "Enter" || e.shiftKey ||
				    e.isComposing)
					return;
				e.preventDefault();
				send();
			    }} />
			<button type="submit" class="control"
			    aria-label={model.say("send")}
			    title={model.say("send")}><Icon name="send" /></button>
		</form>
	</Frame>;
}

export function PeoplePanel() {
	const model = useModel();
	const people = (model.view?.people ?? []).filter((p) =>
	    p.linesOf === undefined);

	return <Frame name="people"
	    title={`${model.say("people")} (${people.length})`}>
		<ul class="people-list">
			{people.map((p) => <li key={p.leaf}>
				<Avatar name={p.name} leaf={p.leaf} />
				<span class="name">{p.name}
					{p.isSelf && <em> ({model.say("you")})</em>}
					<HostMark person={p} />
				</span>
				<Standing verified={p.verified} />
				<HostSwitch person={p} />
				<span class="state" title={model.say(
				    p.hasMicrophone ? "microphone" : "muted")}>
					<Icon name={p.hasMicrophone ?
					    "microphone" : "microphoneOff"} />
					{!p.hasMicrophone && <span class="hidden">
						{model.say("muted")}</span>}
				</span>
			</li>)}
		</ul>
		<LinesSection />
		<HostSection />
	</Frame>;
}

export function CodePanel() {
	const model = useModel();
	const view = model.view;

	return <Frame name="code" title={model.say("code")}>
		{view?.code ? <>
			<p class="digits" data-testid="code">
				{view.code.split(" ").map((group, i) =>
					<span key={i}>{group} </span>)}
			</p>
			<QrCode text={view.code} label={model.say("codeQr")} />
			<p class="epoch">{model.say("codeEpoch",
			    { n: view.epoch ?? 0 })}</p>
		</> : <p>{model.say("codeNone")}</p>}
		<p>{model.say("codeText")}</p>
		<p class="hint">{model.say("codeChanges")}</p>
	</Frame>;
}
