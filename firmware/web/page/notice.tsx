/* notice.tsx - the screens that say one thing: left, and what went wrong. */

import { useFocus, useModel } from "./hooks.js";
import { Icon } from "./icons.js";
import { Page } from "./parts.js";

export function TroubleScreen() {
	const model = useModel();
	const heading = useFocus<HTMLHeadingElement>();
	const trouble = model.trouble ?? "internal";
	const isLinks = trouble === "noLink" || trouble === "link-malformed";
	const isReload = trouble === "version" || trouble === "link-version";

	return <Page name="notice">
		<section role="alert">
			<p class={trouble === "noLink" ? "sign" : "sign wrong"}>
				<Icon name={trouble === "noLink" ? "lock" :
				    "warning"} /></p>
			<h1 tabIndex={-1} ref={heading}>
				{model.say(`${trouble}Title`)}</h1>
			<p>{model.say(trouble)}</p>
			{!isLinks && <button type="button" class="primary"
			    onClick={() => isReload ? location.reload() :
				void model.open()}>{model.say("askAgain")}</button>}
			{model.detail && <details>
				<summary>{model.say("details")}</summary>
				<code>{trouble}: {model.detail}</code>
			</details>}
		</section>
	</Page>;
}

export function LeftScreen() {
	const model = useModel();
	const heading = useFocus<HTMLHeadingElement>();

	return <Page name="notice">
		<section>
			<p class="sign"><Icon name="check" /></p>
			<h1 tabIndex={-1} ref={heading}>{model.say("left")}</h1>
			<p>{model.say("leftText")}</p>
			<button type="button" class="primary"
			    onClick={() => void model.open()}>
				{model.say("again")}</button>
		</section>
	</Page>;
}
