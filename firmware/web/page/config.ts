/* config.ts - what the page's host says of its site (docs/protocol.md). */

import { pemBlocks } from "../meeting/identity.js";

export interface SiteConfig {
	site: string;
	signalUrl: string;
	trust: Uint8Array[];
}

const isPort = (n: unknown): n is number =>
    Number.isInteger(n) && (n as number) > 0 && (n as number) < 65536;

/* null: it does not say. */
export function configRead(value: unknown, place: { protocol: string;
    hostname: string }): SiteConfig | null {
	const config = value as { site?: unknown; trust?: unknown;
	    signal?: { port?: unknown; loopbackPort?: unknown } } | null;
	const isSafe = place.protocol === "https:";
	const port = isSafe ? config?.signal?.port :
	    config?.signal?.loopbackPort;

	if (!isPort(port))
		return null;
	return { site: typeof config?.site === "string" ? config.site : "",
		signalUrl: `${isSafe ? "wss" : "ws"}://${place.hostname}:${port}`,
		trust: typeof config?.trust === "string" ?
		    pemBlocks(config.trust) : [] };
}

export async function configLoad(): Promise<SiteConfig | null> {
	try {
		const answer = await fetch("/config.json", { cache: "no-store" });

		return configRead(await answer.json(), location);
	} catch {
		return null;
	}
}
