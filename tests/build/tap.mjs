/* The reporter of tests under Node: its TAP, without the details in YAML, of which
 * prove reads but a part and then gives up; why a test failed goes to standard error,
 * as comments, which prove lets through at once. */
import { tap } from "node:test/reporters";

/* Of a test that only failed since one inside it did, nothing is said. */
const inner = "subtestsFailed";

function why({ name, details: { error } }) {
	const cause = error?.cause ?? error;

	return `${name}\n${cause?.stack ?? cause}`.split("\n")
	    .map((line) => `# ${line}\n`).join("");
}

async function* told(source) {
	for await (const event of source) {
		if (event.type === "test:fail" &&
		    event.data.details.error?.failureType !== inner)
			process.stderr.write(why(event.data));
		yield event;
	}
}

export default async function* reporter(source) {
	for await (const text of tap(told(source)))
		if (!/^ *---\n/.test(text))
			yield text;
}
