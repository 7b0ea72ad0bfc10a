/* config.ts - what the page's host says of its site (docs/protocol.md). */

import { pemBlocks } from "../meeting/identity.js";
import type { IceSettings } from "../meeting/media.js";
import { videoFormRead, type VideoForm } from "../meeting/video.js";

export interface SiteConfig {
	site: string;
	signalUrl: string;
	trust: Uint8Array[];
	ice: IceSettings;
	video: VideoForm;
	labels: SiteLabel[]; /* none: hosts write what they like */
}

/* A classification, and whether telephone lines may be under it. */
export interface SiteLabel {
	text: string;
	lines: boolean;
}

const serversMax = 8;
const labelsMax = 16;
export const labelMaxBytes = 64; /* firmware/conference */

const isPort = (n: unknown): n is number =>
    Number.isInteger(n) && (n as number) > 0 && (n as number) < 65536;

/* Servers that RTCPeerConnection takes; others are left out. */
function iceRead(value: unknown): IceSettings {
	const ice = value as { servers?: unknown; relayOnly?: unknown } | null |
	    undefined;
	const list: unknown[] = Array.isArray(ice?.servers) ? ice.servers : [];
	const servers = list.slice(0, serversMax).flatMap((one) => {
		const { urls, username, credential } = (one ?? {}) as
		    Record<string, unknown>;

		if (typeof urls !== "string" || !/^(stun|turns?):/.test(urls))
			return [];
		if (urls.startsWith("stun:"))
			return [{ urls }];
		return typeof username === "string" &&
		    typeof credential === "string" ?
		    [{ urls, username, credential }] : [];
	});

	return { servers, relayOnly: ice?.relayOnly === true };
}

function labelsRead(value: unknown): SiteLabel[] {
	const list: unknown[] = Array.isArray(value) ? value : [];

	return list.slice(0, labelsMax).flatMap((one) => {
		const { text, lines } = (one ?? {}) as Record<string, unknown>;

		return typeof text === "string" && isLabel(text) ?
		    [{ text, lines: lines === true }] : [];
	});
}

/* As kk_text_is_shown() of the core has it: no controls, line breaks and marks of
 * direction, and nothing that is no text. */
const unshown = new RegExp("[\\p{Cc}\\p{Cs}\\u061c\\u200e\\u200f" +
    "\\u2028-\\u202e\\u2066-\\u2069\\ufeff]", "u");

export function isLabel(text: string): boolean {
	return text !== "" && !unshown.test(text) &&
	    new TextEncoder().encode(text).length <= labelMaxBytes;
}

/* As roomd(8) has it: where the site has labels, under no other. */
export function labelAllowsLines(labels: readonly SiteLabel[], text: string)
    : boolean {
	return labels.length === 0 || text === "" ||
	    labels.some((label) => label.text === text && label.lines);
}

/* null: it does not say. */
export function configRead(value: unknown, place: { protocol: string;
    hostname: string }): SiteConfig | null {
	const config = value as { site?: unknown; trust?: unknown; ice?: unknown;
	    video?: unknown; labels?: unknown; signal?: { port?: unknown; loopbackPort?: unknown } } | null;
	const isSafe = place.protocol === "https:";
	const port = isSafe ? config?.signal?.port :
	    config?.signal?.loopbackPort;

	if (!isPort(port))
		return null;
	return { site: typeof config?.site === "string" ? config.site : "",
		signalUrl: `${isSafe ? "wss" : "ws"}://${place.hostname}:${port}`,
		trust: typeof config?.trust === "string" ?
		    pemBlocks(config.trust) : [],
		ice: iceRead(config?.ice),
		video: videoFormRead(config?.video),
		labels: labelsRead(config?.labels) };
}

export async function configLoad(): Promise<SiteConfig | null> {
	try {
		const answer = await fetch("/config.json", { cache: "no-store" });

		return configRead(await answer.json(), location);
	} catch {
		return null;
	}
}
