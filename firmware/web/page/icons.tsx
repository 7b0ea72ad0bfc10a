/* icons.tsx - the page's signs, drawn on a grid of 24. */

const paths = {
	microphone: <><rect x="9" y="3" width="6" height="11" rx="3" />
		<path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" /></>,
	microphoneOff: <><path d="M15 9.5V6a3 3 0 0 0-5.7-1.3M9 9v2a3 3 0 0 0 4.6 2.5" />
		<path d="M5.5 11.5a6.5 6.5 0 0 0 10.2 5.3M18.5 11.5a6.5 6.5 0 0 1-.6 2.7M12 18v3M4 4l16 16" /></>,
	camera: <><rect x="3" y="6.5" width="12" height="11" rx="2.5" />
		<path d="M15 10.5l5-2.5v8l-5-2.5" /></>,
	cameraOff: <><path d="M8 6.5h4.5A2.5 2.5 0 0 1 15 9v1.5l5-2.5v8l-2.6-1.3M15 15a2.5 2.5 0 0 1-2.5 2.5h-7A2.5 2.5 0 0 1 3 15V9a2.5 2.5 0 0 1 1.6-2.3M4 4l16 16" /></>,
	screen: <><rect x="3" y="4.5" width="18" height="12" rx="2.5" />
		<path d="M8.500 20h7M12 13.500V8M9.500 10.200L12 7.700l2.500 2.500" /></>,
	screenOff: <><rect x="3" y="4.5" width="18" height="12" rx="2.5" />
		<path d="M8.500 20h7M9.700 8.200l4.600 4.600M14.300 8.200l-4.600 4.600" /></>,
	pin: <path d="M9 4h6l-.8 6 3.300 3.500H6.500L9.800 10zM12 13.500V20" />,
	chat: <path d="M20 11.5a7.5 7 0 0 1-11 6.2L4.5 19l1.2-3.8A6.6 6.6 0 0 1 5 11.5a7.5 7 0 0 1 15 0z" />,
	people: <><circle cx="9" cy="8.5" r="3.2" />
		<path d="M3.5 19a5.5 5.5 0 0 1 11 0M15.5 5.600a3.2 3.2 0 0 1 0 5.800M17 14a5.5 5.5 0 0 1 3.5 5" /></>,
	lock: <><rect x="5" y="10.5" width="14" height="9.5" rx="2.5" />
		<path d="M8 10.5V8a4 4 0 0 1 8 0v2.5M12 14.5v2" /></>,
	leave: <path d="M3.5 14.5c4.8-4.700 12.2-4.700 17 0l-2 2.5-3.6-1.5v-2.600a11 11 0 0 0-5.8 0v2.600L5.5 17z" />,
	check: <><path d="M12 3l7 2.800v5.200c0 4.6-2.900 8-7 10-4.100-2-7-5.400-7-10V5.800z" />
		<path d="M8.8 11.800l2.3 2.3 4.2-4.400" /></>,
	close: <path d="M6 6l12 12M18 6L6 18" />,
	send: <path d="M4.5 12L20 5l-4.5 14-4-5.5zM11.5 13.5L20 5" />,
	warning: <path d="M12 4l9 16H3zM12 10v4.5M12 17.200v.3" />,
	sound: <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />,
};

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
	return <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"
	    focusable="false">{paths[name]}</svg>;
}
