/* states.ts - what participants say of their media, and what of them could be
 * shown. */

import type { Fields } from "./signal.js";
import { key, type Published, type Source } from "./slots.js";

export interface State {
	hasMicrophone: boolean;
	hasCamera: boolean;
	sharedAs: number; /* of its screen: the newer the higher; 0: none */
	beganAt: number; /* to speak */
	spokeAt: number; /* last; -Infinity: never */
	isSpeaking: boolean;
}

const newState = (): State => ({ hasMicrophone: false, hasCamera: false,
	sharedAs: 0, beganAt: -Infinity, spokeAt: -Infinity,
	isSpeaking: false });

export class States {
	#states = new Map<string, State>(); /* by participant */
	#screens = 0; /* that were shared so far */

	get(participant: string | undefined): Readonly<State> {
		return (participant !== undefined &&
		    this.#states.get(participant)) || newState();
	}

	/* Words of a member (docs/protocol.md); others change nothing. */
	said(participant: string, words: Fields, now: number): void {
		const state = { ...this.get(participant) };

		if (words.type === "media") {
			state.hasMicrophone = words.microphone === true;
			state.hasCamera = words.camera === true;
			state.sharedAs = words.screen !== true ? 0 :
			    state.sharedAs || ++this.#screens;
		} else if (words.type === "speaking") {
			const isSpeaking = words.speaking === true;

			/* It may be said again, for who has just come. */
			if (isSpeaking && !state.isSpeaking)
				state.beganAt = now;
			if (isSpeaking || state.isSpeaking)
				state.spokeAt = now;
			state.isSpeaking = isSpeaking;
		}
		this.#states.set(participant, state);
	}

	forget(participant: string): void {
		this.#states.delete(participant);
	}

	clear(): void {
		this.#states.clear();
	}

	/* What could be shown of somebody: of pictures only what their owner
	 * says it sends. */
	sourcesOf(participant: string, published: Published[],
	    pinned: string | undefined): Source[] {
		const state = this.get(participant);
		const isOn = { microphone: true, camera: state.hasCamera,
			screen: state.sharedAs > 0 };

		return published.filter(({ source }) => isOn[source])
		    .map((s) => ({ ...s, isMuted: !state.hasMicrophone,
			isSpeaking: state.isSpeaking, beganAt: state.beganAt,
			spokeAt: state.spokeAt, isPinned: key(s) === pinned,
			sharedAs: s.source === "screen" ? state.sharedAs : 0 }));
	}
}
