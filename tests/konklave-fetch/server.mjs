/*
 * server.mjs - a site's server on loopback, by HTTPS, with ranges; and all that
 * one can do wrong.
 */
import { readFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";

/* "bytes=FROM-TO", "bytes=FROM-", "bytes=-LAST" */
function rangeOf(header, bytes) {
	const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];

	if (from === undefined) return undefined;
	if (from === "") return [Math.max(0, bytes - Number(to)), bytes - 1];
	return [Number(from), to === "" ? bytes - 1 :
	    Math.min(Number(to), bytes - 1)];
}

/*
 * files: by name.  wrong(rq, rs, { from, to, data }): may answer in its own way,
 * and then gives true.  asked: each request, in their order.
 */
export async function serverStart(keys) {
	const site = { files: {}, wrong: undefined, asked: [], sent: 0 };
	const server = https.createServer({
		key: readFileSync(join(keys, "server.key")),
		cert: readFileSync(join(keys, "server.pem")) });

	server.on("request", (rq, rs) => {
		const data = site.files[rq.url.slice(1)];
		const range = data && rangeOf(rq.headers.range, data.length);
		const ask = { url: rq.url, headers: rq.headers, data,
			from: range?.[0], to: range?.[1], nr: site.asked.length,
			port: rq.socket.remotePort };

		site.asked.push(ask);
		rs.on("error", () => {});
		if (site.wrong?.(rq, rs, ask)) return;
		if (!data) {
			rs.writeHead(404).end("no such file");
		} else if (!range) {
			rs.writeHead(200, { "content-length": data.length })
			    .end(data);
		} else {
			rs.writeHead(206, partHead(ask)).end(part(ask));
		}
	});
	server.on("clientError", (error, socket) => socket.destroy());
	server.on("tlsClientError", () => {});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	site.port = server.address().port;
	site.url = (name) => `https://127.0.0.1:${site.port}/${name}`;
	site.stop = () => {
		server.closeAllConnections();
		return new Promise((done) => server.close(done));
	};
	return site;
}

export const part = ({ data, from, to }) => data.subarray(from, to + 1);
export const partHead = ({ data, from, to }) => ({
	"content-range": `bytes ${from}-${to}/${data.length}`,
	"content-length": to - from + 1 });
