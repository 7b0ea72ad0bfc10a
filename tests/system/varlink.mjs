/* varlink.mjs - one call of a process's interface, over its unix socket. */
import net from "node:net";

/* Resolves with the answer's parameters; rejects with the error's name. */
export function varlinkCall(path, method, parameters = {}) {
	return new Promise((done, failed) => {
		const socket = net.connect(path);
		let text = "";

		socket.on("connect", () => {
			socket.write(`${JSON.stringify({ method, parameters })}\0`);
		});
		socket.on("data", (piece) => {
			text += piece;
			if (!text.includes("\0"))
				return;
			const answer = JSON.parse(text.slice(0, text.indexOf("\0")));
			socket.destroy();
			if (answer.error)
				failed(new Error(answer.error));
			else
				done(answer.parameters);
		});
		socket.on("error", failed);
		socket.on("close", () => failed(new Error(`${path}: closed`)));
	});
}

/*
 * A call that is answered again and again.  told(parameters) for each answer;
 * failed(error) once, where it ends by itself.  Returns what ends it.
 */
export function varlinkWatch(path, method, told, failed) {
	const socket = net.connect(path);
	let text = "", isEnded = false;
	const end = (error) => {
		if (!isEnded && error)
			failed(error);
		isEnded = true;
		socket.destroy();
	};

	socket.setEncoding("utf8");
	socket.on("connect", () => {
		socket.write(`${JSON.stringify({ method, parameters: {},
			more: true })}\0`);
	});
	socket.on("data", (piece) => {
		const parts = (text + piece).split("\0");

		text = parts.pop();
		for (const part of parts) {
			const answer = JSON.parse(part);

			if (answer.error)
				end(new Error(answer.error));
			else
				told(answer.parameters);
		}
	});
	socket.on("error", end);
	socket.on("close", () => end(new Error(`${path}: closed`)));
	return () => end();
}
