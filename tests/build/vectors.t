#!/bin/sh
# mls-vectors tells what fails, and passes over no case.
. tests/build/lib.sh

program=$O/bin/mls-vectors
file=$tmp/cases.json

# cases JSON: a file with these cases
cases() {
	printf '[%s]\n' "$1" >"$file"
}

# run_is STATUS TEXT ARGUMENT...: how it ends, and what its last line is
run_is() {
	want_status=$1
	want_last=$2
	shift 2
	"$program" "$@" >"$tmp/printed" 2>&1
	status=$?
	cat "$tmp/printed"
	[ "$status" -eq "$want_status" ] &&
		[ "$(tail -n 1 "$tmp/printed")" = "$want_last" ]
}

good='{"vlbytes_header": "4100", "length": 256}'
bad='{"vlbytes_header": "4100", "length": 255}'
longer='{"vlbytes_header": "4001", "length": 1}'
trailing='{"vlbytes_header": "0100", "length": 1}'

cases "$good, $good"
passes "good cases pass" run_is 0 "2 passed, 0 failed" deserialization "$file"
cases "$good, $bad, $good"
passes "a wrong value fails its case alone" \
	run_is 1 "2 passed, 1 failed" deserialization "$file"
passes "a failed case is named by its number" grep -q '^FAIL case 1: length' \
	"$tmp/printed"
cases "$longer"
passes "a number that is not minimal fails" \
	run_is 1 "0 passed, 1 failed" deserialization "$file"
cases "$trailing"
passes "trailing bytes fail" \
	run_is 1 "0 passed, 1 failed" deserialization "$file"
cases '{"length": 256}'
passes "a missing member fails" \
	run_is 1 "0 passed, 1 failed" deserialization "$file"
cases '{"vlbytes_header": "41zz", "length": 256}'
passes "a member that is no hex fails" \
	run_is 1 "0 passed, 1 failed" deserialization "$file"
cases "7, $good"
passes "a case that is no object fails" \
	run_is 1 "1 passed, 1 failed" deserialization "$file"
cases ''
passes "a file without cases fails" \
	run_is 1 "0 passed, 0 failed" deserialization "$file"

unknown='{"cipher_suite": 65000, "psks": [], "psk_secret": ""}'
cases "$unknown"
passes "a suite that is not configured fails" \
	run_is 1 "0 passed, 1 failed" psk_secret "$file"
passes "a suite that is not configured is counted where that is allowed" \
	run_is 1 "0 passed, 0 failed" --allow-missing-suites psk_secret "$file"
passes "the count stands in a line of its own" grep -qx '1 not run' \
	"$tmp/printed"

echo '{}' >"$file"
passes "a file that is no array is refused" \
	run_is 2 "mls-vectors: $file: no array" tree-math "$file"
passes "a kind that is not known is refused" \
	run_is 2 "mls-vectors: unknown kind tree" tree "$file"
passes "a file that is not there is refused" \
	refuses "not there" "$program" tree-math "$tmp/none.json"
finish
