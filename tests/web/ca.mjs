/*
 * ca.mjs - a small certificate authority for tests (RFC 5280).
 *
 * Keys of members stay where they are: a certificate needs the public point.
 */
import { createHash, generateKeyPairSync, sign } from "node:crypto";

const curves = {
	2: { node: "P-256", oid: "1.2.840.10045.3.1.7", hash: "sha256",
		signature: "1.2.840.10045.4.3.2" },
	7: { node: "P-384", oid: "1.3.132.0.34", hash: "sha384",
		signature: "1.2.840.10045.4.3.3" },
};

function tlv(tag, ...parts) {
	const inside = Buffer.concat(parts);
	const n = inside.length;
	const head = n < 0x80 ? [tag, n] : n < 0x100 ? [tag, 0x81, n] :
	    [tag, 0x82, n >> 8, n & 0xff];

	return Buffer.concat([Buffer.from(head), inside]);
}

const sequence = (...parts) => tlv(0x30, ...parts);
const bitString = (bytes) => tlv(0x03, Buffer.from([0]), bytes);
const utf8 = (text) => tlv(0x0c, Buffer.from(text));
const yes = tlv(0x01, Buffer.from([0xff]));
const integer = (n) => tlv(0x02, Buffer.from([n >> 16 & 0x7f, n >> 8 & 0xff,
	n & 0xff].slice(n < 0x80 ? 2 : n < 0x8000 ? 1 : 0)));

function oid(text) {
	const [a, b, ...rest] = text.split(".").map(Number);
	const bytes = [40 * a + b];

	for (const n of rest) {
		const part = [n % 128];

		for (let left = Math.floor(n / 128); left > 0;
		    left = Math.floor(left / 128))
			part.unshift(left % 128 | 0x80);
		bytes.push(...part);
	}
	return tlv(0x06, Buffer.from(bytes));
}

const nameOf = (cn) => sequence(tlv(0x31, sequence(oid("2.5.4.3"), utf8(cn))));

/* Until 2049 the short form is the only one (4.1.2.5). */
function time(seconds) {
	const iso = new Date(seconds * 1000).toISOString();

	return tlv(0x17, Buffer.from(
	    iso.slice(2, 19).replace(/[-T:]/g, "") + "Z"));
}

function extension(id, isCritical, value) {
	return sequence(oid(`2.5.29.${id}`), ...(isCritical ? [yes] : []),
	    tlv(0x04, value));
}

const keyId = (point) => createHash("sha1").update(point).digest();

function extensions(point, issuerPoint, isCa) {
	const usage = isCa ? [1, 0x06] : [7, 0x80]; /* signs certs, lists | text */

	return tlv(0xa3, sequence(
	    ...(isCa ? [extension(19, true, sequence(yes))] : []),
	    extension(15, true, tlv(0x03, Buffer.from(usage))),
	    extension(14, false, tlv(0x04, keyId(point))),
	    extension(35, false, sequence(tlv(0x80, keyId(issuerPoint))))));
}

let serial = 1000;

function signed(issuer, tbs) {
	const { hash, signature } = curves[issuer.suite];

	return sequence(tbs, sequence(oid(signature)),
	    bitString(sign(hash, tbs, { key: issuer.key,
		dsaEncoding: "der" })));
}

function certificate(issuer, { name, point, suite, isCa, from, until }) {
	const now = Math.floor(Date.now() / 1000);
	const number = ++serial;
	const tbs = sequence(
	    tlv(0xa0, integer(2)), integer(number),
	    sequence(oid(curves[issuer.suite].signature)), nameOf(issuer.name),
	    sequence(time(from ?? now - 3600), time(until ?? now + 86400)),
	    nameOf(name),
	    sequence(sequence(oid("1.2.840.10045.2.1"), oid(curves[suite].oid)),
		bitString(point)),
	    extensions(point, issuer.point, isCa));

	return { der: signed(issuer, tbs), serial: number };
}

/* A CA: of its own, or below issuer. */
export function newCa(name, suite, issuer, more = {}) {
	const pair = generateKeyPairSync("ec",
	    { namedCurve: curves[suite].node });
	const { x, y } = pair.publicKey.export({ format: "jwk" });
	const point = Buffer.concat([Buffer.from([4]),
		Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
	const ca = { name, suite, key: pair.privateKey, point };

	ca.der = certificate(issuer ?? ca, { name, point, suite, isCa: true,
		...more }).der;
	return ca;
}

/* { der, serial } of a member whose public key is point. */
export function issue(ca, name, point, more = {}) {
	return certificate(ca, { name, point, suite: ca.suite, ...more });
}

/* A revocation list of this CA. */
export function revoke(ca, serials, number = 1) {
	const now = Math.floor(Date.now() / 1000);
	const entries = serials.map((n) => sequence(integer(n), time(now - 60)));
	const tbs = sequence(integer(1),
	    sequence(oid(curves[ca.suite].signature)), nameOf(ca.name),
	    time(now - 60), time(now + 3600),
	    ...(entries.length > 0 ? [sequence(...entries)] : []),
	    tlv(0xa0, sequence(
		extension(35, false, sequence(tlv(0x80, keyId(ca.point)))),
		extension(20, false, integer(number)))));

	return signed(ca, tbs);
}
