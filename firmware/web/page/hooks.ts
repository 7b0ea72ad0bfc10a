/* hooks.ts - what the components share. */

import { createContext } from "preact";
import { useContext, useLayoutEffect, useReducer, useRef, useState }
	from "preact/hooks";

import type { Model } from "./model.js";

export const ModelContext = createContext<Model>(null as unknown as Model);

/* The model; the component is drawn again when it changes. */
export function useModel(): Model {
	const model = useContext(ModelContext);
	const [, draw] = useReducer((n: number, _: void) => n + 1, 0);

	/* At once: a change before the first effect would be missed. */
	useLayoutEffect(() => model.subscribe(() => draw(undefined)), [model]);
	return model;
}

/* The heading of a new screen takes the focus, so that it is read. */
export function useFocus<T extends HTMLElement>(): { current: T | null } {
	const ref = useRef<T>(null);

	/* With the screen: what is typed next is for it. */
	useLayoutEffect(() => ref.current?.focus(), []);
	return ref;
}

const ratio = 16 / 9;

/* How many columns make the tiles of a box largest. */
export function columnsFor(count: number, width: number, height: number,
    gap: number): number {
	let best = 1, bestWidth = 0;

	for (let columns = 1; columns <= count; columns++) {
		const rows = Math.ceil(count / columns);
		const tile = Math.min((width - gap * (columns - 1)) / columns,
		    (height - gap * (rows - 1)) / rows * ratio);

		if (tile > bestWidth + 1) {
			best = columns;
			bestWidth = tile;
		}
	}
	return best;
}

/* The grid's layout; width is that of a tile. */
export function useGrid(count: number, gap: number) {
	const ref = useRef<HTMLUListElement>(null);
	const [size, setSize] = useState({ width: 0, height: 0 });

	useLayoutEffect(() => {
		const box = ref.current?.parentElement;

		if (!box)
			return;
		const observer = new ResizeObserver(() => setSize({
			width: box.clientWidth, height: box.clientHeight }));

		observer.observe(box);
		return () => observer.disconnect();
	}, []);
	const columns = columnsFor(count, size.width, size.height, gap);
	const rows = Math.max(1, Math.ceil(count / columns));
	const width = Math.floor(Math.min(
	    (size.width - gap * (columns - 1)) / columns,
	    (size.height - gap * (rows - 1)) / rows * ratio));

	return { ref, columns, width: Math.max(0, width) };
}
