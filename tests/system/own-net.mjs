/* own-net.mjs - runs a test again in a network namespace of its own. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/*
 * In the namespace: gives false.  Outside: runs the test's file there and ends
 * with its status; where none can be made, gives the reason to skip.
 */
export function ownNet(file) {
	if (process.env.KK_OWN_NET === "yes")
		return false;
	if (!existsSync("/dev/net/tun") ||
	    spawnSync("unshare", ["-n", "true"]).status !== 0)
		return "no network namespaces or no /dev/net/tun here";
	const { status } = spawnSync("unshare", ["-n", "sh", "-c",
		'ip link set lo up && exec "$@"', "sh", process.execPath,
		"--test-reporter=tap", file],
	{ stdio: "inherit", env: { ...process.env, KK_OWN_NET: "yes",
		NODE_TEST_CONTEXT: undefined } });

	return process.exit(status ?? 1);
}
