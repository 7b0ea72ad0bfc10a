/* qr.mjs - QR codes as another device reads them, by zbarimg. */
import { spawnSync } from "node:child_process";

/* The texts of all that a PNG shows; [] where it shows none. */
export function qrRead(path) {
	const { status, stdout, stderr } = spawnSync("zbarimg", ["--quiet",
		"--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", path],
	    { encoding: "utf8" });

	if (status !== 0 && status !== 4) /* 4: it found none */
		throw new Error(`zbarimg ${path}: ${stderr}`);
	return stdout.split("\n").filter((line) => line);
}
