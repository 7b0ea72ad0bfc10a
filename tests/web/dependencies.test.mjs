/* dependencies.test.mjs - the answer takes the dependency descriptor. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./world.mjs";

const { answerComplete, dependenciesKeep, dependenciesUri } =
    await load("meeting/dependencies.js");

const lines = (...list) => list.map((line) => `${line}\r\n`).join("");
const extension = (id) => `a=extmap:${id} ${dependenciesUri}`;
const session = ["v=0", "s=-"];
const audio = ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0",
	"a=rtpmap:111 opus/48000/2"];
const vp9 = (mid) => ["m=video 9 UDP/TLS/RTP/SAVPF 98 99", `a=mid:${mid}`,
	"a=rtpmap:98 VP9/90000", "a=rtpmap:99 rtx/90000"];
const vp8 = (mid) => ["m=video 9 UDP/TLS/RTP/SAVPF 96", `a=mid:${mid}`,
	"a=rtpmap:96 VP8/90000"];
const offer = lines(...session, ...audio, ...vp9(1), extension(12),
    ...vp8(2), extension(13), ...vp9(3), extension(14));

test("sections of VP9 take it under the number that was offered", () => {
	assert.equal(answerComplete(lines(...session, ...audio, ...vp9(1),
	    ...vp8(2), ...vp9(3)), offer),
	lines(...session, ...audio, ...vp9(1), extension(12), ...vp8(2),
	    ...vp9(3), extension(14)));
});

test("what was not offered is not taken, and nothing twice", () => {
	const answer = lines(...session, ...audio, ...vp9(1), extension(12));

	assert.equal(answerComplete(answer, offer), answer);
	const plain = lines(...session, ...vp9(1), ...vp9("x"));

	assert.equal(answerComplete(plain, lines(...session, ...vp9(1))), plain);
	assert.equal(answerComplete(plain, ""), plain);
	assert.equal(answerComplete("", offer), "");
});

test("a connection's answers go through it, offers of the other as well",
    async () => {
	const seen = [];
	const connection = { localDescription: { type: "offer", sdp: offer },
		async setRemoteDescription(description) {
			seen.push(description);
		} };
	const sdp = lines(...session, ...audio, ...vp9(1));

	dependenciesKeep({ handler: { _pc: connection } });
	await connection.setRemoteDescription({ type: "answer", sdp });
	assert.deepEqual(seen, [{ type: "answer",
		sdp: lines(...session, ...audio, ...vp9(1), extension(12)) }]);
	dependenciesKeep({ handler: {} }); /* another library's: nothing */
});
