/*
 * strip.mjs - the test strip of drivers/camera/README.md: says in the lowest
 * 1/16 of a picture whose it is and when it was drawn.  Pixels are RGBA.
 */

export const unitMs = 10;
export const timeModulo = 65536;

/*
 * Reads it: {number, time}, or null where there is none.  Runs in the page too,
 * so it uses nothing around it.  part is the picture's place in the pixels.
 */
export function stripRead(pixels, stride, part) {
	const cells = 32;
	const high = Math.floor(part.height / 16);
	const top = part.y + part.height - high + Math.floor(high / 4);
	const rows = Math.max(1, Math.floor(high / 3));
	const levels = [];

	if (part.width < 4 * cells || part.height < 16)
		return null;
	for (let cell = 0; cell < cells; cell++) {
		const left = Math.floor((4 * cell + 1) * part.width / (4 * cells));
		const right = Math.floor((4 * cell + 3) * part.width / (4 * cells));
		let sum = 0;

		for (let y = top; y < top + rows; y++) {
			for (let x = left; x < right; x++)
				sum += pixels[4 * (y * stride + part.x + x) + 1];
		}
		levels.push(sum / (rows * (right - left)));
	}
	const low = Math.min(...levels.slice(0, 8));
	const light = Math.max(...levels.slice(0, 8));
	if (light - low < 48)
		return null;
	const bits = levels.map((l) => (l > (low + light) / 2 ? 1 : 0));
	const number = (from, to) =>
	    bits.slice(from, to).reduce((n, b) => 2 * n + b, 0);
	let crc = 0;
	for (const bit of bits.slice(8, 28))
		crc = (crc << 1 & 15) ^ ((crc >> 3) === bit ? 0 : 3);
	if (number(0, 8) !== 0xb2 || number(28, 32) !== crc)
		return null;
	return { number: number(8, 12), time: number(12, 28) };
}

/* The luma of each cell. */
export function stripLevels(number, time) {
	const bits = [];
	const put = (value, count) => {
		for (let i = count - 1; i >= 0; i--)
			bits.push(value >> i & 1);
	};
	let crc = 0;

	put(0xb2, 8);
	put(number, 4);
	put(time, 16);
	for (const bit of bits.slice(8))
		crc = (crc << 1 & 15) ^ ((crc >> 3) === bit ? 0 : 3);
	put(crc, 4);
	return bits.map((b) => (b ? 235 : 16));
}

/* By how much a strip's time has gone on, in ms. */
export function stripAdvance(from, to) {
	return (to - from + timeModulo) % timeModulo * unitMs;
}
