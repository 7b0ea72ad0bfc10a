/* view.ts - what a page shows of a visit to a meeting. */

import type { LifeTrouble } from "./life.js";
import type { ConferenceView } from "./lines.js";
import type { MediaTrouble } from "./media.js";

export type Phase = "connecting" | "joining" | "in" | "reconnecting" | "ended";

/* Why a visit ended; without one: by our own wish. */
export type Trouble = LifeTrouble | "version" | "denied" | "unknown-meeting" |
    "full" | "refused" | "unreachable" | "closed" | "media" |
    MediaTrouble;

export interface Person {
	leaf: number;
	name: string;
	verified: boolean;
	isSelf: boolean;
	linesOf: string | undefined; /* a box's lines: of which one */
	participant: string | undefined;
	hasMicrophone: boolean;
	hasCamera: boolean;
	hasScreen: boolean; /* that is shared */
	isSpeaking: boolean;
}

export interface ChatMessage {
	number: number;
	name: string;
	verified: boolean;
	isSelf: boolean;
	text: string;
	at: Date;
}

export interface View {
	phase: Phase;
	trouble: Trouble | undefined;
	detail: string;
	epoch: number | undefined;
	code: string;
	participant: string;
	people: Person[];
	conference: ConferenceView;
	chat: ChatMessage[];
	/* Media is on its way, or cannot be had here. */
	media: "off" | "connecting" | "on";
	links: number; /* how often the server was entered */
}
