/* parts.tsx - small parts of several screens. */

import type { ComponentChildren } from "preact";

import { useModel } from "./hooks.js";
import { Icon, type IconName } from "./icons.js";
import { languages, type Language } from "./texts.js";

export function Brand() {
	return <p class="brand"><Icon name="lock" /> Konklave</p>;
}

export function LanguageChoice() {
	const model = useModel();

	return <div class="languages" role="group"
	    aria-label={model.say("language")}>
		{(Object.keys(languages) as Language[]).map((language) =>
			<button type="button" key={language} lang={language}
			    aria-pressed={model.language === language}
			    onClick={() => model.setLanguage(language)}>
				{languages[language]}
			</button>)}
	</div>;
}

/* The frame of all screens but the meeting. */
export function Page({ children, name }: { children: ComponentChildren;
    name: string }) {
	return <div class={`page ${name}`}>
		<header><Brand /><LanguageChoice /></header>
		<main>{children}</main>
	</div>;
}

export function Standing({ verified }: { verified: boolean }) {
	const { say, config } = useModel();

	return verified ?
		<span class="standing verified" title={say("verifiedHint",
		    { site: config?.site ?? "" })}>
			<Icon name="check" />{say("verified")}</span> :
		<span class="standing guest" title={say("guestHint")}>
			{say("guest")}</span>;
}

/* A button of the meeting's bar, its key in the tooltip. */
export function Control({ icon, label, shortKey, isOn, isOff, isOpen, count, name,
    onClick }: { icon: IconName; label: string; shortKey?: string; isOn?: boolean;
    isOff?: boolean; isOpen?: boolean; count?: number; name: string;
    onClick: () => void }) {
	const { say } = useModel();
	const key = shortKey?.toUpperCase();
	const title = key ? `${label} (${say("shortcut", { key })})` : label;

	return <button type="button" id={`control-${name}`}
	    class={`control ${name}${isOff ? " off" : ""}${isOn ? " on" : ""}`}
	    title={title} aria-label={label} aria-expanded={isOpen}
	    aria-keyshortcuts={shortKey} onClick={onClick}>
		<Icon name={icon} />
		{!!count && <span class="count">{count}</span>}
	</button>;
}

/* Initials where no picture is. */
export function Avatar({ name, leaf }: { name: string; leaf: number }) {
	const words = name.trim().split(/\s+/u);
	const letters = [words[0], words.length > 1 ? words.at(-1) : ""]
	    .map((word) => [...(word ?? "")][0] ?? "").join("");

	return <span class={`avatar hue-${leaf % 8}`} aria-hidden="true">
		{letters.toLocaleUpperCase()}</span>;
}
