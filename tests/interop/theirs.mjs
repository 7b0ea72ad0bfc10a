/*
 * theirs.mjs - a member that is ts-mls 1.6.4.
 *
 * What it cannot do, or does wrongly, stays out of the tests: it makes no Update
 * proposals of its own, no GroupContextExtensions, no external_senders.  It gives
 * and takes external_pub without its length (RFC 9420, 12.4.3.2: an HPKEPublicKey
 * has one), and makes compressed signature keys (5.1.1 wants uncompressed ones):
 * both are mended here.
 */
import { pathToFileURL } from "node:url";

const folder = process.env.KK_INTEROP_MODULES ??
    "build/npm/tests/interop/node_modules";
const load = (file) =>
    import(pathToFileURL(`${folder}/ts-mls/dist/src/${file}`));
const mls = await load("index.js");
const { createGroupInfo } = await load("createCommit.js");
const { p256, p384 } = await import(
    pathToFileURL(`${folder}/@noble/curves/nist.js`));
const { encodeRatchetTree, decodeRatchetTree } = await load("ratchetTree.js");

const suiteNames = { 2: "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
	7: "MLS_256_DHKEMP384_AES256GCM_SHA384_P384" };
const suites = new Map();

async function suiteOf(number) {
	if (!suites.has(number))
		suites.set(number, await mls.getCiphersuiteImpl(
		    mls.getCiphersuiteFromName(suiteNames[number])));
	return suites.get(number);
}

const encode = (content) =>
    mls.encodeMlsMessage({ version: "mls10", ...content });

function decode(bytes, wireformat) {
	const message = mls.decodeMlsMessage(bytes, 0)?.[0];

	if (!message || (wireformat && message.wireformat !== wireformat))
		throw new Error(`no ${wireformat ?? "message"}`);
	return message;
}

/* Keys are shorter than 2^14 bytes. */
function withLength(key) {
	const head = key.length < 64 ? [key.length] :
	    [0x40 | key.length >> 8, key.length & 0xff];

	return Uint8Array.from([...head, ...key]);
}

const withoutLength = (bytes) => bytes.slice(bytes[0] < 64 ? 1 : 2);

/* Finding external_pub gives the bare key; encoding gives what was signed. */
function mendGroupInfo(info) {
	const extensions = [...info.extensions];
	const find = extensions.find.bind(extensions);

	extensions.find = (test) => {
		const found = find(test);

		return found?.extensionType === "external_pub" ?
		    { ...found, extensionData:
			withoutLength(found.extensionData) } : found;
	};
	return { ...info, extensions };
}

/*
 * True when ts-mls may refuse a valid tree: it wants the lists of unmerged leaves
 * to be equal along a path (RFC 9420, 7.9.2 wants the leaf to be in each).
 */
export function hasDifferingUnmerged(bytes) {
	const tree = decodeRatchetTree(bytes, 0)[0];
	const lists = tree.flatMap((node) => node?.nodeType === "parent" &&
	    node.parent.unmergedLeaves.length > 0 ?
	    [node.parent.unmergedLeaves.join()] : []);
	const empty = tree.some((node) => node?.nodeType === "parent" &&
	    node.parent.unmergedLeaves.length === 0);

	return new Set(lists).size > 1 || (lists.length > 0 && empty);
}

export class TheirMember {
	constructor(name, suite) {
		this.kind = "ts-mls";
		this.name = name;
		this.suite = suite;
		this.psks = new Map();
		this.pskIndex = { findPsk: (id) => id.psktype === "external" ?
		    this.psks.get(String(id.pskId)) : undefined };
	}

	setPsk(id, secret) {
		this.psks.set(String(id), secret);
	}

	async #newPackage() {
		const now = BigInt(Math.floor(Date.now() / 1000));

		this.cs = await suiteOf(this.suite);
		const curve = this.suite === 2 ? p256 : p384;
		const signKey = curve.utils.randomSecretKey();

		this.kp = await mls.generateKeyPackageWithKey({
			credentialType: "basic",
			identity: new TextEncoder().encode(this.name) },
		    mls.defaultCapabilities(),
		    { notBefore: now - 3600n, notAfter: now + 20n * 86400n },
		    [], { signKey, publicKey: curve.getPublicKey(signKey,
			false) }, this.cs);
	}

	async keyPackage() {
		await this.#newPackage();
		return encode({ wireformat: "mls_key_package",
			keyPackage: this.kp.publicPackage });
	}

	async create(id) {
		await this.#newPackage();
		this.state = await mls.createGroup(id, this.kp.publicPackage,
		    this.kp.privatePackage, [], this.cs);
	}

	async join(welcome, tree) {
		this.state = await mls.joinGroup(
		    decode(welcome, "mls_welcome").welcome,
		    this.kp.publicPackage, this.kp.privatePackage,
		    this.pskIndex, this.cs,
		    tree && decodeRatchetTree(tree, 0)[0]);
	}

	async joinExternal(info, tree) {
		await this.#newPackage();
		const { groupInfo } = decode(info, "mls_group_info");
		const made = await mls.joinGroupExternal(
		    mendGroupInfo(groupInfo), this.kp.publicPackage,
		    this.kp.privatePackage, false, this.cs,
		    tree && decodeRatchetTree(tree, 0)[0]);

		return { commit: encode({ wireformat: "mls_public_message",
			publicMessage: made.publicMessage }),
		    accept: async () => {
			this.state = made.newState;
		} };
	}

	async groupInfo(withTree) {
		const { hpke } = this.cs;
		const pair = await hpke.deriveKeyPair(
		    this.state.keySchedule.externalSecret);
		const extensions = [{ extensionType: "external_pub",
			extensionData: withLength(
			    await hpke.exportPublicKey(pair.publicKey)) }];

		if (withTree)
			extensions.push({ extensionType: "ratchet_tree",
				extensionData: await this.tree() });
		return encode({ wireformat: "mls_group_info",
			groupInfo: await createGroupInfo(
			    this.state.groupContext,
			    this.state.confirmationTag, this.state, extensions,
			    this.cs) });
	}

	async tree() {
		return encodeRatchetTree(this.state.ratchetTree);
	}

	async #proposal(what) {
		switch (what.type) {
		case "add":
			return { proposalType: "add", add: {
				keyPackage: decode(what.keyPackage,
				    "mls_key_package").keyPackage } };
		case "remove":
			return { proposalType: "remove",
				remove: { removed: what.leaf } };
		default:
			return { proposalType: "psk", psk: { preSharedKeyId: {
				psktype: "external", pskId: what.pskId,
				pskNonce: await this.cs.rng.randomBytes(
				    this.cs.kdf.size) } } };
		}
	}

	async propose(what, wire) {
		const made = await mls.createProposal(this.state,
		    wire === "public", await this.#proposal(what), this.cs);

		this.state = made.newState;
		return encode(made.message);
	}

	async commit({ adds = [], removes = [], pskIds = [], wire,
	    treeApart }) {
		const wanted = [
			...adds.map((keyPackage) => ({ type: "add",
				keyPackage })),
			...removes.map((leaf) => ({ type: "remove", leaf })),
			...pskIds.map((pskId) => ({ type: "psk", pskId })),
		];
		const made = await mls.createCommit({ state: this.state,
			cipherSuite: this.cs, pskIndex: this.pskIndex }, {
			wireAsPublicMessage: wire === "public",
			ratchetTreeExtension: !treeApart,
			extraProposals: await Promise.all(
			    wanted.map((x) => this.#proposal(x))) });

		return { commit: encode(made.commit),
			welcome: made.welcome ? encode({
				wireformat: "mls_welcome",
				welcome: made.welcome }) : new Uint8Array(0),
			accept: async () => {
				this.state = made.newState;
			} };
	}

	/* mls.processMessage() would forget the PSKs of private commits. */
	async process(bytes) {
		const message = decode(bytes);
		const done = message.wireformat === "mls_public_message" ?
		    await mls.processPublicMessage(this.state,
			message.publicMessage, this.pskIndex, this.cs) :
		    await mls.processPrivateMessage(this.state,
			message.privateMessage, this.pskIndex, this.cs);

		this.state = done.newState;
		return done.kind === "applicationMessage" ? done.message :
		    undefined;
	}

	async protect(data) {
		const made = await mls.createApplicationMessage(this.state,
		    data, this.cs);

		this.state = made.newState;
		return encode({ wireformat: "mls_private_message",
			privateMessage: made.privateMessage });
	}

	leaf() {
		return this.state.privatePath.leafIndex;
	}

	isActive() {
		return this.state.groupActiveState.kind === "active";
	}

	async secrets() {
		const { keySchedule, groupContext } = this.state;

		return { epoch: groupContext.epoch,
			authenticator: new Uint8Array(
			    keySchedule.epochAuthenticator),
			exported: await mls.mlsExporter(
			    keySchedule.exporterSecret, "interop",
			    new Uint8Array([1, 2, 3]), 48, this.cs) };
	}

	free() {
		this.state = undefined;
	}
}
