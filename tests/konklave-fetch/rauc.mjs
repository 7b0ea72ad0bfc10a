/*
 * rauc.mjs - stands for RAUC: -c CONF info --output-format=json FILE, or
 * -c CONF extract FILE FOLDER.  CONF is the CA's certificate.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isWhole, manifestOf, valueOf } from "./bundles.mjs";

const [, , , conf, command, ...words] = process.argv;
const path = command === "info" ? words[1] : words[0];
const data = readFileSync(path);

if (data.toString("latin1", 0, 4) !== "hsqs")
	throw new Error("no bundle");
const manifest = manifestOf(data, conf);

appendFileSync(join(dirname(conf), "rauc.log"), `${command} ${path}\n`);
if (command === "info") {
	console.log(JSON.stringify({ format: valueOf(manifest, "format"),
		compatible: valueOf(manifest, "compatible"),
		version: valueOf(manifest, "version") }));
} else {
	if (!isWhole(data, manifest))
		throw new Error("a block is wrong");
	const lines = data.toString("latin1", 0, 4096).split("\n");
	const put = (name, content) => writeFileSync(join(words[1], name),
	    content);

	mkdirSync(words[1]);
	put("a.efi", lines[1] + "\n");
	put("b.efi", lines[2] + "\n");
	put("root.img", Buffer.alloc(250000, "N"));
}
