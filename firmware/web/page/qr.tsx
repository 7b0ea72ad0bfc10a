/* qr.tsx - a text as a QR code. */

import { useMemo } from "preact/hooks";
import qrcode from "qrcode-generator";

const quiet = 4; /* modules of light around it; ISO/IEC 18004, 6.3.8 */

/* One path of squares, a row after the other.  Of digits, blanks and capital
 * letters alone. */
function draw(text: string): { size: number; path: string } {
	const code = qrcode(0, "M");
	let path = "";

	code.addData(text, "Alphanumeric");
	code.make();
	const count = code.getModuleCount();
	for (let y = 0; y < count; y++) {
		for (let x = 0; x < count; x++) {
			if (code.isDark(y, x))
				path += `M${x + quiet} ${y + quiet}h1v1h-1z`;
		}
	}
	return { size: count + 2 * quiet, path };
}

export function QrCode({ text, label }: { text: string; label: string }) {
	const { size, path } = useMemo(() => draw(text), [text]);

	return <svg class="qr" role="img" aria-label={label}
	    viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
		<path class="ground" d={`M0 0h${size}v${size}h-${size}z`} />
		<path d={path} />
	</svg>;
}
