/* A reporter for `node --test`: why a test failed, as comments.  prove shows them at
   once, where it keeps TAP's own details to itself. */

/* Of a test that only failed since one inside it did, nothing is said. */
const inner = "subtestsFailed";

const textOf = (error) => {
	const cause = error?.cause ?? error;
	return cause?.stack ?? String(cause);
};

export default async function* failures(source) {
	for await (const { type, data } of source) {
		const error = data?.details?.error;
		if (type !== "test:fail" || error?.failureType === inner)
			continue;
		yield `${data.name}\n${textOf(error)}`.split("\n")
		    .map((line) => `# ${line}\n`).join("");
	}
}
