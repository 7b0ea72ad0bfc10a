/* main.tsx - starts the page. */

import { render } from "preact";
import { useEffect } from "preact/hooks";

import { ModelContext, useModel } from "./hooks.js";
import { JoinScreen } from "./join.js";
import { Model } from "./model.js";
import { LeftScreen, TroubleScreen } from "./notice.js";
import { RoomScreen } from "./room.js";
import { tests } from "./tests.js";

function Screen() {
	const model = useModel();

	useEffect(() => {
		document.documentElement.lang = model.language;
	}, [model.language]);
	if (model.screen === "join")
		return <JoinScreen />;
	if (model.screen === "meeting")
		return <RoomScreen />;
	if (model.screen === "left")
		return <LeftScreen />;
	return model.screen === "trouble" ? <TroubleScreen /> : null;
}

function News() {
	const model = useModel();

	return <p class="hidden" role="status" aria-live="polite">
		{model.news}</p>;
}

const model = new Model();

Object.defineProperty(window, "konklave", { get: () => tests(model) });
render(<ModelContext.Provider value={model}><Screen /><News />
</ModelContext.Provider>, document.getElementById("app")!);
void model.open();
