/* link.ts - a meeting's link (docs/protocol.md, "The link"). */

import { fromBase64Url } from "./base64.js";

export interface Link {
	id: Uint8Array;
	secret: Uint8Array; /* whoever opens the meeting wipes it */
}

const idBytes = 16;
const secretBytes = 16;

/* What stands behind #; "none": nothing does. */
export function parseLink(hash: string): Link | "none" | "malformed" |
    "version" {
	const [version, id64, secret64, ...more] =
	    hash.replace(/^#/, "").split(".");

	if (!version && id64 === undefined)
		return "none";
	if (version !== "1")
		return /^[0-9]+$/.test(version ?? "") ? "version" : "malformed";
	const id = fromBase64Url(id64 ?? "");
	const secret = fromBase64Url(secret64 ?? "");

	if (more.length > 0 || id?.length !== idBytes ||
	    secret?.length !== secretBytes)
		return "malformed";
	return { id, secret };
}
