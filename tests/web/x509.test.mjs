/* x509.test.mjs - members with certificates of a site's CA. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { issue, newCa, revoke } from "./ca.mjs";
import { accept, assertAgree, follow, join, newClient, refuses, rejects, text,
	web } from "./support.mjs";

const core = await web.Core.load();
const root = newCa("Site CA", 7);
const middle = newCa("Meeting CA", 7, root);
const foreign = newCa("Other CA", 7);

function newMember(name, ca = middle, more = {}) {
	const signer = web.Signer.generate(core, web.Scheme.EcdsaP384);
	const cert = issue(ca, name, Buffer.from(more.point ??
	    signer.publicKey), more);
	const certs = more.certs?.(cert.der) ?? (ca === middle ?
	    [cert.der, middle.der] : [cert.der]);
	const client = new web.Client({ suite: 7, signer,
		credential: { type: "x509", certs } });

	client.addTrust("ca", root.der);
	return Object.assign(client, { certs, serial: cert.serial });
}

async function refused(name, host, guest) {
	const group = host.newGroup(text("g"));
	const kp = guest.newKeyPackage();

	refuses(name, () => group.commit({ adds: [kp.message] }));
	assert.equal(group.state().epoch, 0n);
	group.free();
	kp.free();
}

test("members know each other by their certificates", async () => {
	const [a, b] = [newMember("a"), newMember("b")];
	const group = a.newGroup(text("g"));
	const kp = b.newKeyPackage();
	const made = group.commit({ adds: [kp.message] });

	await accept(group, made);
	const joined = await join(b, kp, made.welcome);
	const { credential } = joined.member(0);
	assert.equal(credential.type, "x509");
	assert.equal(joined.core, core);
	assert.equal(b.subject(credential.certs).name, "a");
	assertAgree([group, joined]);
	const next = joined.commit();
	await follow(group, next.commit);
	await accept(joined, next);
	assertAgree([group, joined]);
});

test("a chain that is not of the site is refused", async () => {
	const host = newMember("host");

	await refused("KK_EUNTRUSTED", host, newMember("x", foreign));
	await refused("KK_EUNTRUSTED", host,
	    newMember("x", middle, { certs: (der) => [der] }));
	await refused("KK_EEXPIRED", host, newMember("x", middle,
	    { from: 1700000000, until: 1700003600 }));
	await refused("KK_EPOLICY", host, newClient(core, "x", 7));
});

test("a certificate for another key is refused", async () => {
	const other = web.Signer.generate(core, web.Scheme.EcdsaP384);

	await refused("KK_EDENIED", newMember("host"),
	    newMember("x", middle, { point: other.publicKey }));
});

test("a revoked member is refused", async () => {
	const host = newMember("host");
	const guest = newMember("guest");

	host.addTrust("issuer", middle.der);
	host.addTrust("crl", revoke(middle, [guest.serial]));
	await refused("KK_EREVOKED", host, guest);
});

test("a forged certificate fails with the batch", async () => {
	const host = newMember("host");
	const guest = newMember("guest", middle, { certs: (der) => {
		der[der.length - 1] ^= 1; /* of the signature */
		return [der, middle.der];
	} });
	const group = host.newGroup(text("g"));
	const made = group.commit({ adds: [guest.newKeyPackage().message] });

	await rejects("KK_EVERIFY", made.staged.verify());
	refuses("KK_EVERIFY", () => group.apply(made.staged));
	assert.equal(group.state().epoch, 0n);
});

test("who joins takes members whose certificates ran out within a day", async () => {
	const now = Math.floor(Date.now() / 1000);

	for (const [hours, name] of [[1, undefined], [25, "KK_EEXPIRED"]]) {
		const ca = newCa("Old CA", 7, undefined,
		    { from: now - 99 * 3600 });
		const host = newMember("host", ca,
		    { from: now - 90 * 3600, until: now - hours * 3600 });
		const guest = newMember("guest");

		host.addTrust("ca", ca.der);
		guest.addTrust("ca", ca.der);
		const group = host.newGroup(text("g"));
		const kp = guest.newKeyPackage();
		const made = group.commit({ adds: [kp.message] });
		const enter = () => guest.join(kp, made.welcome);

		await accept(group, made);
		if (name)
			refuses(name, enter);
		else
			await enter().verify();
	}
});
