# lib.sh - TAP for the tests of the tools, in sh.  Sourced from the tree's top.
# shellcheck shell=sh
set -u

O=${O:-build}
number=0
failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# passes NAME COMMAND...: a test that COMMAND ends with status 0.
passes() {
	name=$1
	shift
	number=$((number + 1))
	if "$@" >"$tmp/output" 2>&1; then
		echo "ok $number - $name"
	else
		tail -n 40 "$tmp/output" | sed 's/^/# /' >&2
		echo "not ok $number - $name"
		failed=1
	fi
}

# refuses TEXT COMMAND...: COMMAND fails and says TEXT (a basic expression).
refuses() {
	text=$1
	shift
	if "$@" >"$tmp/refusal" 2>&1; then
		echo "it passed"
		return 1
	fi
	grep -q -e "$text" "$tmp/refusal" || {
		cat "$tmp/refusal"
		return 1
	}
}

# says TEXT COMMAND...: COMMAND, however it ends, says TEXT.
says() {
	text=$1
	shift
	"$@" >"$tmp/said" 2>&1
	grep -q -e "$text" "$tmp/said" || {
		cat "$tmp/said"
		return 1
	}
}

not() {
	! "$@"
}

finish() {
	echo "1..$number"
	exit "$failed"
}
