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
