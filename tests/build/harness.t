#!/bin/sh
# The test harness tells what fails, where and why, and goes on.
. tests/build/lib.sh

for variant in gcc clang asan; do
	run="$O/$variant/failing"
	passes "$variant: a false condition fails with its place" \
		refuses 'in fails_a_condition at .*failing.c:[0-9]' "$run" condition
	passes "$variant: an inequality shows both values" \
		refuses 'left *3 ' "$run" equality
	passes "$variant: errors show by name" \
		refuses 'is KK_EAUTH, not KK_EREPLAY' "$run" fails_an_error
	passes "$variant: success is told where an error was wanted" \
		refuses 'is KK_OK, not an error' "$run" want_of_an_error
	passes "$variant: memory shows the first difference" \
		refuses 'differ from byte 2 of 3' "$run" on_memory
	passes "$variant: strings show both" \
		refuses 'is "abc", not "abd"' "$run" on_a_string
	passes "$variant: the tests after a failed one run" \
		refuses '^ok 7 - passes_after_failures' "$run" fails passes
	passes "$variant: a skipped test says why" \
		says '^ok 1 - skips # SKIP the reason' "$run" skips
	passes "$variant: a swallowed allocation failure is found" \
		refuses 'is KK_OK, not KK_ENOMEM' "$run" lost_memory
	passes "$variant: a crash fails" refuses 'crashe[sd]' "$run" crashes
done
passes "asan: a leak fails its test" \
	refuses '^not ok 1 - leaks' "$O/asan/failing" leaks
passes "asan: an overrun fails" \
	refuses 'heap-buffer-overflow' "$O/asan/failing" overruns
# As `make check` runs them.
cat >"$tmp/node.t" <<'END'
#!/bin/sh
exec node --test-reporter=./tests/build/tap.mjs tests/build/failing/node.mjs
END
chmod +x "$tmp/node.t"
node_refuses() { refuses "$1" prove --exec tools/tap-run --directives "$tmp/node.t"; }
passes "Node: why a test failed is told" node_refuses '^# AssertionError'
passes "Node: so it is of a test inside one" node_refuses '^# Error: inside'
passes "Node: the tests after a failed one run" node_refuses 'Tests: 4 Failed: 2'
passes "Node: a skipped test says why" node_refuses '^ok 4 - skips # SKIP the reason'
passes "an endless test is ended" refuses 'ended within 1 s' \
	env TAP_LIMIT_SECONDS=1 tools/tap-run sh -c 'while :; do :; done'
finish
