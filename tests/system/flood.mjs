/*
 * flood.mjs - SIP requests without end: some as telephones send them, some that
 * are no SIP at all, over UDP, TCP and TLS.
 */
import dgram from "node:dgram";
import { randomBytes } from "node:crypto";
import net from "node:net";
import tls from "node:tls";

const tickMs = 10;
const streamsMost = 4; /* requests in one TCP or TLS connection at a time */

const id = () => randomBytes(8).toString("hex");

function request(method, port, via, body = "") {
	const lines = [`${method} sip:konklave@127.0.0.1:${port} SIP/2.0`,
		`Via: SIP/2.0/${via} 127.0.0.1:9;branch=z9hG4bK${id()};rport`,
		"Max-Forwards: 70", `From: <sip:${id()}@127.0.0.1>;tag=${id()}`,
		`To: <sip:konklave@127.0.0.1:${port}>`, `Call-ID: ${id()}`,
		`CSeq: 1 ${method}`, `Contact: <sip:${id()}@127.0.0.1:9>`];

	if (body)
		lines.push("Content-Type: application/sdp");
	lines.push(`Content-Length: ${body.length}`, "", body);
	return Buffer.from(lines.join("\r\n"));
}

const offer = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1",
	"t=0 0", "m=audio 9 RTP/AVP 0 8", ""].join("\r\n");

/* The n-th request: half of them calls, the last of ten none at all. */
function nth(n, port, via) {
	switch (n % 10) {
	case 5: case 6:
		return request("REGISTER", port, via);
	case 7: case 8:
		return request("OPTIONS", port, via);
	case 9:
		return n % 20 === 9 ? randomBytes(300) :
		    request("INVITE", port, via, "m=audio\r\nv=\r\n".repeat(20));
	default:
		return request("INVITE", port, via, offer);
	}
}

/* A connection that is opened again whenever the other side ends it. */
function streamOpen(connect) {
	const made = { count: 0, waiting: 0, isClosed: false, socket: null };
	const open = () => {
		if (made.isClosed)
			return;
		const socket = connect();

		made.socket = socket;
		made.waiting = 0;
		socket.on("error", () => {});
		socket.on("data", () => {});
		socket.on("close", () => setTimeout(open, tickMs));
	};

	open();
	made.send = (data) => {
		if (made.waiting >= streamsMost || made.socket.destroyed)
			return false;
		made.waiting++;
		made.count++;
		made.socket.write(data, () => { made.waiting--; });
		return true;
	};
	made.close = () => {
		made.isClosed = true;
		made.socket.destroy();
	};
	return made;
}

/*
 * Sends so many requests a second to ports of this PC, for so long.  Resolves
 * with how many were sent over which; those that a connection does not take at
 * once go over UDP.
 */
export async function flood({ port, tlsPort, perSecond, seconds }) {
	const udp = dgram.createSocket("udp4");
	const tcp = streamOpen(() => net.connect(port, "127.0.0.1"));
	const sealed = streamOpen(() => tls.connect({ port: tlsPort,
		host: "127.0.0.1", rejectUnauthorized: false }));
	const sent = { udp: 0, tcp: 0, tls: 0 };
	const from = Date.now();
	let n = 0;

	udp.on("message", () => {});
	while (Date.now() - from < seconds * 1000) {
		const due = Math.min((Date.now() - from) * perSecond / 1000,
		    seconds * perSecond);

		for (; n < due; n++) {
			const way = n % 7 === 0 ? "tcp" : n % 11 === 0 ? "tls" : "udp";
			const stream = { tcp, tls: sealed }[way];

			if (stream?.send(nth(n, port, way.toUpperCase()))) {
				sent[way]++;
				continue;
			}
			udp.send(nth(n, port, "UDP"), port, "127.0.0.1");
			sent.udp++;
		}
		await new Promise((done) => setTimeout(done, tickMs));
	}
	udp.close();
	tcp.close();
	sealed.close();
	return sent;
}
