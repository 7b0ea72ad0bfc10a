/* join.tsx - the screen before a meeting. */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import type { Device, DeviceKind } from "./devices.js";
import { useModel } from "./hooks.js";
import { Icon } from "./icons.js";
import { nameMax } from "./model.js";
import { Page } from "./parts.js";

/* Our own picture, as in a mirror. */
export function SelfVideo({ track }: { track: MediaStreamTrack }) {
	const ref = useRef<HTMLVideoElement>(null);
	const { say } = useModel();

	useEffect(() => {
		ref.current!.srcObject = new MediaStream([track]);
	}, [track]);
	return <video ref={ref} class="mirror" autoplay muted playsInline
	    aria-label={say("preview")} />;
}

function Preview() {
	const model = useModel();
	const { camera, microphone } = model.devices;

	return <div class="preview">
		{camera.track ? <SelfVideo track={camera.track} /> :
			<p>{model.say(camera.wanted === null ? "previewNone" :
			    "previewOff")}</p>}
		<div class="preview-controls">
			<Toggle kind="microphone" device={microphone} />
			<Toggle kind="camera" device={camera} />
		</div>
	</div>;
}

function Toggle({ kind, device }: { kind: DeviceKind; device: Device }) {
	const model = useModel();
	const isOn = device.isOn && !!device.track;
	const label = model.say(kind === "microphone" ?
	    isOn ? "muteOn" : "muteOff" : isOn ? "cameraOff" : "cameraOn");

	return <button type="button" class={`control ${isOn ? "" : "off"}`}
	    aria-label={label} title={label}
	    onClick={() => void model.toggle(kind)}>
		<Icon name={isOn ? kind : `${kind}Off`} />
	</button>;
}

function Level() {
	const model = useModel();
	const ref = useRef<HTMLMeterElement>(null);

	useEffect(() => model.onLevel((level) => {
		if (ref.current)
			ref.current.value = level;
	}), [model]);
	return <meter ref={ref} min={0} max={1} value={0}
	    aria-label={model.say("level")} />;
}

/* For music, and for who wears headphones. */
function OriginalSound() {
	const { devices, say } = useModel();

	return <label class="check">
		<input type="checkbox" id="original"
		    checked={devices.isOriginal} onChange={(event) =>
			void devices.setOriginal(event.currentTarget.checked)} />
		{say("original")}</label>;
}

function DeviceChoice({ kind }: { kind: DeviceKind }) {
	const model = useModel();
	const device = model.devices[kind];
	const none = "-";
	const now = device.wanted ||
	    (device.track?.getSettings().deviceId ?? "");
	const trouble = { denied: "deviceDenied", missing: "deviceMissing",
		busy: "deviceBusy" } as const;
	const what = model.say(kind === "camera" ? "whatCamera" :
	    "whatMicrophone");

	return <div class="field">
		<label for={kind}>{model.say(kind)}</label>
		<select id={kind} value={device.wanted === null ? none : now}
		    onChange={(event) => {
			const id = event.currentTarget.value;

			void model.choose(kind, id === none ? null : id);
		}}>
			{!device.choices.some((c) => c.id === now) &&
				<option value="">{model.say(kind)}</option>}
			{device.choices.map((choice, i) =>
				<option key={choice.id} value={choice.id}>
					{choice.label || model.say(
					    "defaultDevice", { n: i + 1 })}
				</option>)}
			<option value={none}>{model.say(kind === "camera" ?
			    "noCamera" : "noMicrophone")}</option>
		</select>
		{kind === "microphone" && device.track && <Level />}
		{kind === "microphone" && device.wanted !== null &&
		    <OriginalSound />}
		{device.trouble && <p class="trouble" role="alert">
			<Icon name="warning" />
			<span>{model.say(trouble[device.trouble], { what })}{" "}
				<button type="button" class="link" onClick={() =>
				    void model.choose(kind, device.wanted)}>
					{model.say("askAgain")}</button></span>
		</p>}
	</div>;
}

function NameField() {
	const model = useModel();
	const { nameTrouble } = model;
	const ref = useRef<HTMLInputElement>(null);

	useLayoutEffect(() => {
		if (nameTrouble)
			ref.current?.focus();
	}, [nameTrouble]);
	return <div class="field">
		<label for="name">{model.say("name")}</label>
		<input ref={ref} id="name" value={model.name} required
		    autocomplete="name" maxLength={nameMax} spellcheck={false}
		    aria-invalid={!!nameTrouble} aria-describedby="name-hint"
		    onInput={(e) => model.setName(e.currentTarget.value)} />
		<p id="name-hint" class={nameTrouble ? "trouble" : "hint"}
		    role={nameTrouble && "alert"}>
			{nameTrouble && <Icon name="warning" />}
			<span>{model.say(nameTrouble ?? "nameHint")}</span></p>
	</div>;
}

export function JoinScreen() {
	const model = useModel();
	const { say, config, isStarting, devices } = model;
	const isListening = !devices.camera.track && !devices.microphone.track;

	return <Page name="join">
		<Preview />
		<form noValidate onSubmit={(event) => {
			event.preventDefault();
			void model.join();
		}}>
			<h1>{say("joinTitle")}
				{config?.site && <small>{say("joinAt",
				    { site: config.site })}</small>}</h1>
			<NameField />
			<DeviceChoice kind="microphone" />
			<DeviceChoice kind="camera" />
			{isListening && <p class="hint">{say("listenOnly")}</p>}
			<button type="submit" class="primary"
			    aria-disabled={isStarting}>
				{say(isStarting ? "joining" : "join")}</button>
			<p class="promise"><Icon name="lock" />
				<span><strong>{say("sealed")}.</strong>{" "}
					{say("sealedHint")}</span></p>
		</form>
	</Page>;
}
